import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listProcesses } from '../../src/trainer/process-table.ts';
import { runStep, type Step, type StepResult } from '../../src/trainer/run-step.ts';
import { eventually, testFolder } from './support.ts';

const cwd = mkdtempSync(join(testFolder, 'steps-'));
const env = { PATH: process.env['PATH'] ?? '' };
const run = (command: string, changes: Partial<Step> = {}): Promise<StepResult> =>
  runStep({ id: `step ${command}`, command, cwd, env, seconds: 20, graceSeconds: 0.3, ...changes });
const alive = (id: string): number =>
  listProcesses().filter((found) => found.carries([`AUTORESEARCH_STEP=${id} in ${cwd}`])).length;

test('gives exit code, stdout and the end of stderr', async () => {
  const result = await run('echo METRIC x=1; echo trouble >&2; exit 3');
  expect(result).toMatchObject({ code: 3, signal: null, timedOut: false, aborted: false, truncated: false });
  expect([result.stdout, result.stderrTail]).toEqual(['METRIC x=1\n', 'trouble\n']);
});

test('ends a step at its time limit, with everything that it started', async () => {
  const result = await run(`trap '' TERM; setsid sleep 60 & sleep 60; sleep 60`, { id: 'slow', seconds: 2 });
  expect(result).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
  expect(alive('slow')).toBe(0);
});

test('ends a step when it is no longer wanted', async () => {
  const stop = new AbortController();
  const running = run('sleep 60', { id: 'unwanted', signal: stop.signal });
  await eventually(() => alive('unwanted') > 0);
  stop.abort();
  expect(await running).toMatchObject({ aborted: true, timedOut: false });
  expect(await run('sleep 60', { signal: stop.signal })).toMatchObject({ aborted: true });
});

test('a flood is read to its end and not kept', async () => {
  const result = await run('head -c 50000000 /dev/zero; echo done >&2', { maxOutputBytes: 1000 });
  expect(result).toMatchObject({ code: 0, truncated: true, stderrTail: 'done\n' });
  expect(result.stdout.length).toBe(1000);
});

test('hands on each line as it comes', async () => {
  const lines: string[] = [];
  await run(String.raw`printf 'a\rb\n'; sleep 0.1; printf 'c\n' >&2`, { onLine: (line) => lines.push(line) });
  expect(lines).toEqual(['a', 'b', 'c']);
});

test('a step that cannot be started has failed, in words', async () => {
  const result = await run('true', { cwd: join(cwd, 'nowhere') });
  expect(result.code).toBe(127);
  expect(result.stderrTail).not.toBe('');
});

test('kills what an earlier start of the same step left alive', async () => {
  const first = run('echo $$ > first; exec sleep 60', { id: 'twice' });
  await eventually(() => alive('twice') > 0 && existsSync(join(cwd, 'first')));
  const second = await run('sleep 0.2; kill -0 $(cat first) && echo both', { id: 'twice' });
  expect(second.stdout).toBe('');
  expect(await first).toMatchObject({ signal: 'SIGKILL' });
});

const end = (command: string, more: Partial<Step>) => run(`trap '' TERM; ${command}`, { graceSeconds: 60, ...more });

test('ends a step that takes too much at once, with everything that it started', async () => {
  const ample = { processes: 100, memoryMb: 4000, outputMb: 1000 };
  const bomb = 'for k in $(seq 60); do setsid sleep 60 & done; wait';
  expect(await end(bomb, { id: 'bomb', allowance: { ...ample, processes: 30 } })).toMatchObject({
    passed: 'processes',
    signal: 'SIGKILL',
    timedOut: false,
  });
  expect(alive('bomb')).toBe(0);
  const block = `python3 -c 'block = bytearray(400_000_000); import time; time.sleep(60)'`;
  expect(await end(block, { allowance: { ...ample, memoryMb: 300 } })).toMatchObject({ passed: 'memory' });
  const tree = mkdtempSync(join(testFolder, 'written-'));
  const writing = `sleep 1; for k in $(seq 30); do head -c 1000000 /dev/zero > ${tree}/$k; done; sleep 60`;
  const written = { tree, own: [] };
  expect(await end(writing, { allowance: { ...ample, outputMb: 20 }, written })).toMatchObject({ passed: 'output' });
});

test('lets a step be that takes what it may, and says nothing of it', async () => {
  const result = await run('sleep 0.7', { allowance: { processes: 100, memoryMb: 4000, outputMb: 1000 } });
  expect(result.code).toBe(0);
  expect(result).not.toHaveProperty('passed');
});

test('is not taken for a training, and makes the folders that training took with it', async () => {
  const home = join(cwd, 'home');
  const result = await run('echo "[$AUTORESEARCH_TRIAL]"', {
    env: { ...env, HOME: home, AUTORESEARCH_TRIAL: 's/1/1' },
  });
  expect(result.stdout).toBe('[]\n');
  expect(existsSync(home)).toBe(true);
});
