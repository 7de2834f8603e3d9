import { expect, test } from 'vitest';
import { join } from 'node:path';
import { isAlive } from '../../src/trainer/process-identity.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';
import { eventually, livePids, makeTrial, runningNote, testFolder } from './support.ts';

const trialsRoot = join(testFolder, 'trials');
const live = (): string[] => liveTrials(trialsRoot).map(({ trial }) => trial);

test('sees a training while it lives, and ends it when nobody wants it', async () => {
  const trial = makeTrial('sleep 60');
  const worker = new AbortController();
  const watching = trial.watch({ signal: worker.signal }).catch(() => undefined);
  const { supervisor } = await runningNote(trial.directory);
  worker.abort('detach');
  await watching;
  expect(live()).toEqual([trial.spec.id]);
  await killTrial(trial.directory);
  expect(isAlive(supervisor)).toBe(false);
  expect(livePids(trial.directory)).toEqual([]);
  expect(live()).toEqual([]);
});

test('sees and ends a training whose supervisor is dead', async () => {
  const trial = makeTrial('sleep 60');
  const worker = new AbortController();
  const watching = trial.watch({ signal: worker.signal }).catch(() => undefined);
  const { supervisor } = await runningNote(trial.directory);
  worker.abort('detach');
  await watching;
  process.kill(supervisor.pid, 'SIGKILL');
  expect(live()).toEqual([trial.spec.id]);
  await killTrial(trial.directory);
  expect(livePids(trial.directory)).toEqual([]);
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
