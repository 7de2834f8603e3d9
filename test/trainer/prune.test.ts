// Clearing of real trials: what goes, what stays, and who is in the way.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import {
  OutputGone,
  forgetIfOther,
  forgetIfPruned,
  pruneTrial,
  storedSessions,
  withOutput,
} from '../../src/trainer/prune.ts';
import type { StoredTrial } from '../../src/trainer/prune.ts';
import { until } from '../support/until.ts';
import { makeTrial, runningNote, testFolder, type TestTrial } from './support.ts';

const trialsRoot = join(testFolder, 'trials');
const never = new AbortController().signal;

/** The trial as a look at the disk finds it. */
async function stored({ directory }: TestTrial): Promise<StoredTrial | undefined> {
  const found = (await storedSessions(trialsRoot)).flatMap(({ trials }) => trials);
  return found.find((one) => one.directory.root === directory.root);
}

/** Clears it as soon as its supervisor has ended. */
const cleared = (found: StoredTrial): Promise<true> => until(async () => (await pruneTrial(found)) || undefined);

async function trained(command: string): Promise<{ trial: TestTrial; found: StoredTrial }> {
  const trial = makeTrial(command);
  await trial.watch();
  const found = await stored(trial);
  if (found === undefined) throw new Error('Expected the trial to be found.');
  return { trial, found };
}

it('names a session by its trials, and finds nothing where nothing is', async () => {
  const { found } = await trained('true');
  const [session] = await storedSessions(trialsRoot);
  expect(session?.session).toBe('test');
  expect(session?.trials.map(({ experiment }) => experiment)).toContain(found.experiment);
  expect(await storedSessions(join(testFolder, 'nowhere'))).toEqual([]);
});

it('removes folders, also read-only ones, keeps log, order and end, and finds nothing more to do', async () => {
  const { trial, found } = await trained('mkdir -p $AUTORESEARCH_OUT/deep/er && echo 1 > $AUTORESEARCH_OUT/deep/er/x');
  const { directory } = trial;
  chmodSync(join(directory.out, 'deep'), 0o500);
  mkdirSync(join(directory.root, 'scoring'));
  await cleared(found);
  expect(readdirSync(directory.root, { withFileTypes: true }).every((entry) => entry.isFile())).toBe(true);
  for (const path of [directory.log, directory.spec, directory.exit]) expect(existsSync(path)).toBe(true);
  expect(await stored(trial)).toBeUndefined();
  await cleared(found);
});

it('keeps the beginning and the end of a long log, also of a training that left no folder', async () => {
  const { trial, found } = await trained('echo first; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo last; exit 1');
  const { directory } = trial;
  const log = (): string => readFileSync(directory.log, 'utf8');
  const whole = log();
  for (const folder of [directory.tree, directory.out, directory.home, directory.tmp])
    rmSync(folder, { recursive: true, force: true });
  expect((await stored(trial))?.directory.root).toBe(directory.root);
  await cleared(found);
  expect(log().length).toBeLessThan(129_000);
  expect(log()).toMatch(/^first\nx+\n\[autoresearch: \d+ bytes left out here\]\nx+\nlast\n$/);
  const left = Number(/(\d+) bytes left out/.exec(log())?.[1]);
  expect(left + 128_000).toBe(whole.length);
  const trimmed = log();
  expect(await stored(trial)).toBeUndefined();
  await cleared(found);
  expect(log()).toBe(trimmed);
});

it('leaves a short log as it is, and a link in its place alone', async () => {
  const { trial, found } = await trained('head -c 100000 /dev/zero | tr "\\0" x');
  await cleared(found);
  expect(readFileSync(trial.directory.log, 'utf8')).toBe('x'.repeat(100_000));
  const theirs = join(testFolder, 'their-log');
  writeFileSync(theirs, 'y'.repeat(500_000));
  const linked = await trained('true');
  rmSync(linked.trial.directory.log);
  symlinkSync(theirs, linked.trial.directory.log);
  await cleared(linked.found);
  expect(readFileSync(theirs, 'utf8')).toHaveLength(500_000);
});

it('follows no link, neither in the output nor in its place', async () => {
  const theirs = mkdtempSync(join(testFolder, 'theirs-'));
  writeFileSync(join(theirs, 'mine'), 'keep me');
  const inside = await trained(`ln -s ${theirs} $AUTORESEARCH_OUT/link`);
  await cleared(inside.found);
  const instead = await trained(`rmdir $AUTORESEARCH_OUT && ln -s ${theirs} $AUTORESEARCH_OUT`);
  await cleared(instead.found);
  expect(readdirSync(instead.trial.directory.root)).not.toContain('out');
  expect(readdirSync(theirs)).toEqual(['mine']);
});

it('leaves a trial alone that is in the hands of a supervisor or of a scorer', async () => {
  const live = makeTrial('sleep 60');
  const worker = new AbortController();
  const watching = live.watch({ signal: worker.signal }).catch(() => undefined);
  await runningNote(live.directory);
  const found = await until(() => stored(live));
  expect(await pruneTrial(found)).toBe(false);
  expect(existsSync(live.directory.out)).toBe(true);
  worker.abort('kill');
  await watching;

  const scored = await trained('echo 1 > $AUTORESEARCH_OUT/model');
  await withOutput(scored.trial.directory, async () => {
    expect(await pruneTrial(scored.found)).toBe(false);
    expect(existsSync(join(scored.trial.directory.out, 'model'))).toBe(true);
  });
  await cleared(scored.found);
});

it('leaves a trial alone that was started again since it was looked at', async () => {
  const { trial, found } = await trained('true');
  writeFileSync(trial.directory.ticket, 'another start');
  expect(await pruneTrial(found)).toBe(false);
  expect(existsSync(trial.directory.out)).toBe(true);
});

it('says that an output is gone, and trains the trial again when it is asked for', async () => {
  const { trial, found } = await trained('echo 1 > $AUTORESEARCH_OUT/model');
  await cleared(found);
  await expect(withOutput(trial.directory, async () => 'read')).rejects.toThrow(OutputGone);
  await forgetIfPruned(trial.directory, never);
  await trial.watch();
  expect(trial.prepared()).toBe(2);
  expect(await withOutput(trial.directory, async () => readdirSync(trial.directory.out))).toEqual(['model']);
});

it('takes the end of a training that failed as it is, though its output is gone', async () => {
  const { trial, found } = await trained('exit 7');
  await cleared(found);
  await forgetIfPruned(trial.directory, never);
  expect(await trial.watch()).toMatchObject({ code: 7 });
  expect(trial.prepared()).toBe(1);
});

it('has no output of a trial that never ended here', async () => {
  const { directory } = makeTrial('true');
  await expect(withOutput(directory, async () => 'read')).rejects.toThrow(OutputGone);
});

it('killed in the middle, it has said so before the first file went, and a later look does the rest', async () => {
  const { trial, found } = await trained('for k in $(seq 4000); do : > $AUTORESEARCH_OUT/$k; done');
  const { directory } = trial;
  const program = fileURLToPath(new URL('../fixtures/trainer/pruning.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory.root]);
  const ended = once(child, 'exit');
  await until(() => (existsSync(directory.out) ? readdirSync(directory.out).length : 0) < 4000);
  child.kill('SIGKILL');
  await ended;
  expect(existsSync(directory.pruned)).toBe(true);
  await expect(withOutput(directory, async () => 'read')).rejects.toThrow(OutputGone);
  await cleared(found);
  expect(existsSync(directory.out)).toBe(false);
});

it('leaves nothing of a trial of the same number that trained another commit', async () => {
  const trial = makeTrial('echo done', { commit: 'one' });
  await trial.watch();
  await forgetIfOther(trial.directory, { trial: trial.spec.id, commit: 'one' }, never);
  expect(existsSync(trial.directory.exit)).toBe(true);
  await forgetIfOther(trial.directory, { trial: trial.spec.id, commit: 'two' }, never);
  expect(existsSync(trial.directory.exit)).toBe(false);
  await trial.watch({ spec: { ...trial.spec, commit: 'two' } });
  expect(trial.prepared()).toBe(2);
});
