import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, isAlive, readBootId } from '../../src/trainer/process-identity.ts';

let child: ChildProcess;
beforeEach(() => {
  child = spawn('sleep', ['600']);
});
afterEach(() => {
  child.kill('SIGKILL');
});

test('knows a live process, and knows when it is gone', async () => {
  const identity = identify(child.pid ?? 0);
  expect(identity).toMatchObject({ pid: child.pid, bootId: readBootId() });
  if (identity === undefined) return;
  expect(isAlive(identity)).toBe(true);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  expect(isAlive(identity)).toBe(false);
});

test('does not take another process of the same pid for the one it knew', () => {
  const identity = { pid: child.pid ?? 0, startTime: '1', bootId: readBootId() };
  expect(isAlive(identity)).toBe(false);
});

test('takes a process of before a reboot for gone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'identity-test-'));
  const bootId = join(folder, 'boot_id');
  writeFileSync(bootId, 'another boot\n');
  const identity = identify(child.pid ?? 0);
  expect(identity && isAlive(identity)).toBe(true);
  expect(identity && isAlive(identity, bootId)).toBe(false);
  rmSync(folder, { recursive: true });
});

// Without /proc (macOS) process states come from ps, in other words.
test.runIf(process.platform === 'linux')('takes a zombie for gone (needs Linux)', async () => {
  const program = 'import os, time\npid = os.fork()\nif pid == 0: os._exit(0)\nprint(pid, flush=True)\ntime.sleep(600)';
  const parent = spawn('python3', ['-c', program]);
  try {
    const line = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const pid = Number(line);
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await delay(5);
    expect(identify(pid)).toBeUndefined();
  } finally {
    parent.kill('SIGKILL');
  }
});

test('knows that there is no such process', () => {
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 30]) expect(identify(pid)).toBeUndefined();
});
