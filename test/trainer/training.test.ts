// What a command may do to its supervisor, and what the supervisor does then.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventually, livePids, makeTrial, runningNote } from './support.ts';

test('ends a training at its deadline, with KILL when TERM is ignored', async () => {
  const trial = makeTrial(`trap 'echo no' TERM; while true; do sleep 0.05; done`, {
    seconds: 1.5,
    startupSeconds: 0.5,
  });
  const exit = await trial.watch();
  expect(exit).toMatchObject({ reason: 'deadline', signal: 'SIGKILL', code: null });
  expect(exit.seconds).toBeGreaterThanOrEqual(2.3); // budget, start-up allowance and grace
  expect(readFileSync(trial.directory.log, 'utf8')).toContain('no');
});

test('lets a training that heeds TERM end by itself', async () => {
  const trial = makeTrial(`trap 'echo saved; exit 7' TERM; while true; do sleep 0.05; done`, {
    seconds: 2,
    graceSeconds: 20,
  });
  expect(await trial.watch()).toMatchObject({ reason: 'deadline', code: 7, signal: null });
  expect(readFileSync(trial.directory.log, 'utf8')).toContain('saved');
});

test('waits, after TERM, for the program and not only for the shell around it', async () => {
  const program = `import signal, sys, time
def save(*_):
    time.sleep(0.3); print("saved", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
time.sleep(60)`;
  const trial = makeTrial(`python3 -c '${program}'; true`, { graceSeconds: 20 });
  const watching = trial.watch();
  await eventually(() => readLog(trial.directory.log).includes('ready'));
  writeFileSync(trial.directory.stop, '');
  expect(await watching).toMatchObject({ reason: 'stopped' });
  expect(readLog(trial.directory.log)).toContain('saved');
});

test('kills and counts what a training leaves behind, in new process sessions and double-forked too', async () => {
  const trial = makeTrial(`setsid sleep 61 & (setsid bash -c 'sleep 62 & sleep 63' &) ; sleep 64 & sleep 2; exit 0`);
  const exit = await trial.watch();
  expect(exit).toMatchObject({ reason: 'exited', code: 0 });
  expect(exit.leftovers).toBeGreaterThanOrEqual(4);
  expect(livePids(trial.directory)).toEqual([]);
});

test('a helper that ends just after the training is no leftover', async () => {
  // It ends because the training does: how soon a shell is started is no matter then.
  const trial = makeTrial('mkfifo "$HOME/end"; cat "$HOME/end" & exec 9> "$HOME/end"; exit 0');
  expect(await trial.watch()).toMatchObject({ reason: 'exited', leftovers: 0 });
});

test('ends a training whose log falls silent', async () => {
  const trial = makeTrial('echo on; sleep 60', { stallSeconds: 2 });
  expect(await trial.watch()).toMatchObject({ reason: 'stalled', logBytes: 3 });
});

test('allows silence before the first line for as long as start-up may take', async () => {
  const trial = makeTrial('sleep 1; echo on', { stallSeconds: 0.4, startupSeconds: 2 });
  expect(await trial.watch()).toMatchObject({ reason: 'exited', code: 0 });
});

test('stops on a stop file', async () => {
  const trial = makeTrial('sleep 60');
  const watching = trial.watch();
  await runningNote(trial.directory);
  writeFileSync(trial.directory.stop, '');
  expect(await watching).toMatchObject({ reason: 'stopped', signal: 'SIGTERM' });
});

test('keeps head and tail of a flood, says how much is missing, and never blocks the training', async () => {
  const trial = makeTrial(`echo first; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo last`, {
    maxLogBytes: 2_000_000,
  });
  expect(await trial.watch()).toMatchObject({ reason: 'exited', code: 0, logBytes: 100_000_012 });
  const log = readLog(trial.directory.log);
  expect(log.startsWith('first\n')).toBe(true);
  expect(log.endsWith('last\n')).toBe(true);
  expect(log).toMatch(/\[autoresearch: \d+ bytes left out here\]/);
  expect(statSync(trial.directory.log).size).toBeLessThanOrEqual(2_100_000);
});

test('follows ten thousand short lines a second to the last one', async () => {
  const program = `import sys, time
for part in range(200):
    sys.stdout.write("".join("step %d/20000 loss: 1.5\\n" % (100 * part + line + 1) for line in range(100)))
    sys.stdout.flush()
    time.sleep(0.01)`;
  const trial = makeTrial(`python3 -c '${program}'`);
  const steps: number[] = [];
  const exit = await trial.watch({ onProgress: ({ step }) => void (step !== null && steps.push(step)) });
  const text = Array.from({ length: 20_000 }, (_, line) => `step ${line + 1}/20000 loss: 1.5\n`).join('');
  expect(exit).toMatchObject({ reason: 'exited', code: 0, logBytes: text.length });
  expect(readLog(trial.directory.log)).toBe(text);
  expect(steps.length).toBeGreaterThan(0);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});

test('a training without output ends as it ends', async () => {
  const trial = makeTrial('exit 0');
  expect(await trial.watch()).toMatchObject({ reason: 'exited', code: 0, logBytes: 0 });
});

test('a training may open its own output again', async () => {
  const trial = makeTrial('echo one | tee /dev/stderr; echo two > /dev/stdout');
  expect(await trial.watch()).toMatchObject({ code: 0 });
  expect(readLog(trial.directory.log)).toBe('one\none\ntwo\n');
});

test('a command whose folder is missing has failed, in words', async () => {
  const trial = makeTrial('true', { cwd: 'nowhere' });
  expect(await trial.watch()).toMatchObject({ reason: 'exited', code: 127 });
  expect(readLog(trial.directory.log)).toContain('could not start');
});

test('records how much memory the training took', async () => {
  const trial = makeTrial(`python3 -c 'import time; block = bytearray(200_000_000); time.sleep(1.2)'`);
  const exit = await trial.watch();
  expect(exit.peakRssMb).toBeGreaterThan(190);
});

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
