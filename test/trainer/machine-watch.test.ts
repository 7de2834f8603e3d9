// What a supervisor notes of the machine while it trains, on real processes and with the driver's program played.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { oomKills } from '../../src/trainer/machine-watch.ts';
import { ancestorsOf, environmentOf, listProcesses } from '../../src/trainer/process-table.ts';
import { makeGpu, UUID, type TestGpu } from './gpu.ts';
import { eventually, makeTrial, runningNote, testFolder, type TestTrial } from './support.ts';

const PATH = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = PATH;
});

/** A trial on a played GPU, which it has until the file `go` is in its output. */
function onGpu(gpu: TestGpu, command = 'until [ -e "$AUTORESEARCH_OUT/go" ]; do sleep 0.05; done'): TestTrial {
  process.env['PATH'] = gpu.env['PATH']; // what a supervisor gets from its worker
  return makeTrial(command, { gpu: UUID, device: 'gpu0', seconds: 2, startupSeconds: 30 });
}
const go = ({ directory }: TestTrial): void => writeFileSync(join(directory.out, 'go'), '');
const looks = (gpu: TestGpu): number => gpu.calls().filter((call) => call.includes('--query-gpu=')).length;
/** Waits until a look that began after now has ended. */
async function looked(gpu: TestGpu): Promise<void> {
  const before = looks(gpu);
  await eventually(() => looks(gpu) >= before + 2);
}

test('on a CPU it notes the load, and asks no driver', async () => {
  const gpu = makeGpu(testFolder);
  process.env['PATH'] = gpu.env['PATH'];
  const { machine, oomKilled } = await makeTrial('true').watch();
  expect(machine).toEqual({ loadBefore: expect.any(Number), loadAfter: expect.any(Number) });
  expect(oomKilled).toBeUndefined();
  expect(gpu.calls()).toEqual([]);
});

test('on a GPU it notes figures, what slowed it down, and the memory that the training had of it', async () => {
  const gpu = makeGpu(testFolder);
  gpu.shows({ usedMb: '10', reasons: '0x1', clock: '345' });
  const trial = onGpu(gpu);
  const watching = trial.watch();
  const { child } = await runningNote(trial.directory);
  // What is used otherwise stays as it was: a look may come between the two.
  gpu.shows({ usedMb: '10', reasons: '0x0000000000000020' });
  gpu.has(`${child.pid}, 1500, python`);
  await looked(gpu);
  go(trial);
  const exit = await watching;
  expect(exit).toMatchObject({ reason: 'exited', code: 0, peakVramMb: 1500 });
  expect(exit.machine?.gpu).toMatchObject({
    name: 'NVIDIA H100 80GB HBM3',
    clockMhz: { low: 1980, high: 1980 },
    slowedBy: { sw_thermal_slowdown: 1 },
    others: [],
  });
});

test('tells a stranger on the GPU from what the training started, in a process session and environment of its own', async () => {
  const gpu = makeGpu(testFolder);
  const stranger = spawn('sleep', ['600']);
  try {
    const trial = onGpu(
      gpu,
      'env -i setsid sleep 61 & until [ -e "$AUTORESEARCH_OUT/go" ]; do sleep 0.05; done; kill $!',
    );
    const watching = trial.watch();
    const { child } = await runningNote(trial.directory);
    const hidden = await eventually(() => hiddenChildOf(child.pid));
    expect(ancestorsOf(hidden)).toContain(child.pid);
    gpu.has(`${hidden}, 700, hidden`, `${stranger.pid}, 300, stranger`);
    await looked(gpu);
    go(trial);
    expect((await watching).machine?.gpu?.others).toEqual([{ name: 'stranger', memoryMb: 300, before: false }]);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('a stranger that had the GPU before the training began is noted as such, one that is gone by then is not', async () => {
  const gpu = makeGpu(testFolder);
  gpu.has(`${process.pid}, 300, early`);
  const trial = onGpu(gpu, 'true');
  expect((await trial.watch()).machine?.gpu?.others).toEqual([{ name: 'early', memoryMb: 300, before: true }]);

  const other = makeGpu(testFolder);
  other.hasOnce('999999999, 300, dying');
  expect((await onGpu(other, 'true').watch()).machine?.gpu?.others).toEqual([]);
});

test('a GPU whose driver gives no answer after the training is lost', async () => {
  const gpu = makeGpu(testFolder);
  const trial = onGpu(gpu);
  const watching = trial.watch();
  await runningNote(trial.directory);
  gpu.isLost();
  go(trial);
  expect((await watching).machine?.gpu).toMatchObject({ lost: true });
});

test('a machine without the program trains all the same', async () => {
  const gpu = makeGpu(testFolder);
  gpu.isLost();
  const exit = await onGpu(gpu, 'echo on').watch();
  expect(exit).toMatchObject({ reason: 'exited', code: 0 });
  expect(exit.machine?.gpu).toBeUndefined();
});

test('reads how many processes the kernel has killed for want of memory', () => {
  const path = join(testFolder, 'vmstat');
  writeFileSync(path, 'nr_free_pages 12\nallocstall_normal 0\noom_kill 3\nnuma_hit 9\n');
  expect(oomKills(path)).toBe(3);
  writeFileSync(path, 'nr_free_pages 12\n');
  expect(oomKills(path)).toBeNull();
  expect(oomKills('/nowhere')).toBeNull();
});

/** The process that was started to look like nobody's, once it does. */
function hiddenChildOf(parent: number): number | undefined {
  const children = listProcesses().filter((found) => found.parent === parent);
  return children.find(({ pid }) => commandOf(pid) === 'sleep\u000061\u0000' && environmentOf(pid).join('') === '')
    ?.pid;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
