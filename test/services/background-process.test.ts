import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../src/config.ts';
import { startInBackground, stopProcess, type BackgroundCommand } from '../../src/services/background-process.ts';
import { identify } from '../../src/trainer/process-identity.ts';

let folder = '';
let log = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'background-test-'));
  log = join(folder, 'logs', 'worker.log');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const command = (fixture: string): BackgroundCommand => ({
  name: 'device-worker',
  command: process.execPath,
  parameters: [join(packageRoot(), 'test/fixtures/services', fixture)],
  environment: { PATH: process.env['PATH'] },
  folder,
  log,
  runs: 'this',
});

async function firstLine(): Promise<string> {
  for (;;) {
    const [line, more] = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
    if (line !== undefined && more !== undefined) return line;
    await delay(10);
  }
}

test('asks politely first', async () => {
  const entry = await startInBackground(command('worker.js'));
  await firstLine();
  expect(await stopProcess(entry, 60_000)).toBe('ended');
  expect(await stopProcess(entry, 60_000)).toBe('gone');
});

test('kills a worker that ignores the request, with its children but not its trainings', async () => {
  const entry = await startInBackground(command('stubborn-worker.js'));
  const [child = 0, training = 0] = (await firstLine()).split(' ').map(Number);
  try {
    expect(await stopProcess(entry, 200)).toBe('killed');
    while (identify(entry.pid) !== undefined) await delay(10);
    while (identify(child) !== undefined) await delay(10);
    expect(identify(training)).toBeDefined();
  } finally {
    process.kill(training, 'SIGKILL');
  }
});

test('says so when there is nothing to start', async () => {
  const attempt = startInBackground({ ...command('worker.js'), command: join(folder, 'missing') });
  await expect(attempt).rejects.toThrow('ENOENT');
});

async function runToItsEnd(): Promise<void> {
  const { size } = statSync(log, { throwIfNoEntry: false }) ?? { size: 0 };
  const entry = await startInBackground(command('worker.js'));
  while (statSync(log).size === size) await delay(5);
  await stopProcess(entry, 60_000);
}

test('adds to the log of the run before', async () => {
  await runToItsEnd();
  const { size } = statSync(log);
  await runToItsEnd();
  expect(statSync(log).size).toBe(2 * size);
});

test('begins a new log when that of the run before is long', async () => {
  await runToItsEnd();
  truncateSync(log, 20_000_001);
  await stopProcess(await startInBackground(command('worker.js')), 60_000);
  expect(statSync(`${log}.1`).size).toBe(20_000_001);
  expect(statSync(log).size).toBeLessThan(1000);
});
