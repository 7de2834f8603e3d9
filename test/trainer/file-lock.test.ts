import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isFree, tryLock, waitForLock } from '../../src/trainer/file-lock.ts';
import { testFolder } from './support.ts';

const never = new AbortController().signal;

test('one holder at a time, also within one process', () => {
  const path = join(testFolder, 'locks', 'one');
  const lock = tryLock(path);
  expect(lock).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  expect(isFree(path)).toBe(false);
  lock?.release();
  expect(isFree(path)).toBe(true);
});

test('waits for a holder to go', async () => {
  const path = join(testFolder, 'locks', 'wait');
  const first = tryLock(path);
  const second = waitForLock(path, never);
  expect(await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 100, 'waits'))])).toBe('waits');
  first?.release();
  const held = await second;
  expect(tryLock(path)).toBeUndefined();
  held?.release();
});

test('stops waiting when told to', async () => {
  const path = join(testFolder, 'locks', 'abort');
  const first = tryLock(path);
  const stop = new AbortController();
  const second = waitForLock(path, stop.signal);
  stop.abort();
  expect(await second).toBeUndefined();
  expect(await waitForLock(path, stop.signal)).toBeUndefined();
  first?.release();
  expect(isFree(path)).toBe(true);
});

test('no child of ours holds a lock on', async () => {
  const path = join(testFolder, 'locks', 'child');
  const lock = tryLock(path);
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  lock?.release();
  expect(isFree(path)).toBe(true);
  child.kill('SIGKILL');
});
