import { expect, test } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/trainer/process-identity.ts';
import { runStep } from '../../src/trainer/run-step.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';
import { baselineBeside, type TrialDirectory } from '../../src/trainer/trial-directory.ts';
import { eventually, livePids, makeTrial, runningNote, testFolder } from './support.ts';

const trialsRoot = join(testFolder, 'trials');
const live = (): string[] => liveTrials(trialsRoot).map(({ trial }) => trial);

/** A training whose worker is gone. */
async function abandoned() {
  const trial = makeTrial('sleep 60');
  const worker = new AbortController();
  const watching = trial.watch({ signal: worker.signal }).catch(() => undefined);
  const { supervisor } = await runningNote(trial.directory);
  worker.abort('detach');
  await watching;
  return { trial, supervisor };
}

test('sees a training while it lives, and ends it when nobody wants it', async () => {
  const { trial, supervisor } = await abandoned();
  expect(live()).toEqual([trial.spec.id]);
  await killTrial(trial.directory);
  expect(isAlive(supervisor)).toBe(false);
  expect(livePids(trial.directory)).toEqual([]);
  expect(live()).toEqual([]);
});

test('sees and ends a training whose supervisor is dead', async () => {
  const { trial, supervisor } = await abandoned();
  process.kill(supervisor.pid, 'SIGKILL');
  expect(live()).toEqual([trial.spec.id]);
  await killTrial(trial.directory);
  expect(livePids(trial.directory)).toEqual([]);
});

test.each([
  ['cut short', '{"id": "test/'],
  ['of another trial', '{"trial": "somebody/1/1"}'],
])('sees and ends a training whose order is %s, and moves that aside', async (_how, content) => {
  const { trial, supervisor } = await abandoned();
  writeFileSync(trial.directory.spec, content);
  expect(live()).toEqual([trial.spec.id]);
  const said: string[] = [];
  await killTrial(trial.directory, undefined, (text) => said.push(text));
  expect([isAlive(supervisor), livePids(trial.directory)]).toEqual([false, []]);
  expect(said).toEqual([expect.stringContaining('spec.json.bad-1')]);
  expect(readFileSync(`${trial.directory.spec}.bad-1`, 'utf8')).toBe(content);
});

test('knows a training by its environment, or by its place, where no file says what it is', async () => {
  const { trial, supervisor } = await abandoned();
  process.kill(supervisor.pid, 'SIGKILL');
  for (const path of [trial.directory.spec, trial.directory.pid]) writeFileSync(path, '{');
  expect(live()).toEqual([trial.spec.id]);
  await killTrial(trial.directory);
  expect(livePids(trial.directory)).toEqual([]);
});

test.each([
  ['scores the output of a training', (trial: TrialDirectory) => trial],
  ['measures the baseline beside it', baselineBeside],
])('sees and ends what still %s, after its worker is gone', async (_what, place) => {
  const trial = makeTrial('true');
  await trial.watch();
  await eventually(() => live().length === 0);
  const at = place(trial.directory);
  const env = { ...trial.spec.env, AUTORESEARCH_TRIAL: trial.spec.id, AUTORESEARCH_OUT: at.out };
  // The worker died: nobody waits for this one's end.
  const scoring = runStep({ id: trial.spec.id, command: 'sleep 60 & sleep 60', cwd: testFolder, env, seconds: 50 });
  await eventually(() => livePids(at).length === 3);
  expect(live()).toEqual([trial.spec.id]);
  await killTrial(trial.directory);
  expect(livePids(at)).toEqual([]);
  expect(await scoring).toMatchObject({ signal: 'SIGKILL' });
});

test('an ended trial is not live, and ending it again changes nothing', async () => {
  const trial = makeTrial('true');
  const exit = await trial.watch();
  await eventually(() => live().length === 0); // its supervisor ends a moment after it wrote the end
  await killTrial(trial.directory);
  expect(await trial.watch()).toEqual(exit);
});

test('a folder without trials has none alive', () => {
  expect(liveTrials(join(testFolder, 'nowhere'))).toEqual([]);
});
