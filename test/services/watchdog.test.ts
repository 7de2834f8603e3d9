import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import { down, services, up, type Services } from '../../src/services/daemon.ts';
import { pauseAfter, watchServices } from '../../src/services/watchdog.ts';
import { writeOwnPorts } from '../support/own-ports.ts';
import { until } from '../support/until.ts';

const launcher = join(packageRoot(), 'test/fixtures/services/worker.js');
const said: string[] = [];
const say = (text: string): void => void said.push(text);
writeOwnPorts(stateDirectory().root);
let stop = new AbortController();
let watching = Promise.resolve();

afterEach(async () => {
  stop.abort();
  await watching;
  await down();
  stop = new AbortController();
  said.length = 0;
});

const pidOf = ({ processes }: Services, wanted: string): number =>
  processes.find(({ name }) => name === wanted)?.pid ?? 0;

/** Kills a service and waits until another process has its name. */
async function comesBackAfterKill(name: string): Promise<void> {
  const pid = pidOf(await services(), name);
  process.kill(pid, 'SIGKILL');
  await until(async () => {
    const now = await services();
    const next = pidOf(now, name); // 0 while there is none
    return next !== 0 && next !== pid && now.processes.every(({ alive }) => alive);
  });
}

test('starts again whatever dies, leaves the rest alone, and says so', async () => {
  const first = await up({ launcher });
  watching = watchServices({ launcher, say, signal: stop.signal });
  await comesBackAfterKill('device-worker');
  expect(pidOf(await services(), 'temporal-server')).toBe(pidOf(first, 'temporal-server'));
  expect(said[0]).toBe(`device-worker (process ${pidOf(first, 'device-worker')}) ended; starting again.`);
  await comesBackAfterKill('temporal-server');
  expect((await services()).address).toBe(first.address);
  expect(said.join('\n')).toContain(
    `temporal-server (process ${pidOf(first, 'temporal-server')}) ended; starting again in 1 s.`,
  );
});

test('a services.json that is damaged, gone or lacks a service makes it blind for no longer than a look', async () => {
  await up({ launcher });
  const path = stateDirectory().services;
  const isWhole = async (): Promise<boolean> => {
    const { processes, problems } = await services();
    return existsSync(path) && problems === undefined && processes.filter(({ alive }) => alive).length === 3;
  };
  /** Until so many starts are over: one that is under way writes the file that we are about to tamper with. */
  const started = (times: number): Promise<boolean> =>
    until(async () => said.filter((line) => line.startsWith('Running: ')).length >= times && (await isWhole()));
  watching = watchServices({ launcher, say, signal: stop.signal });
  writeFileSync(path, '{');
  await started(1);
  expect(said.join('\n')).toMatch(/to be a list of services, got no JSON.* Now starting again\./);
  expect(said.join('\n')).toMatch(/is kept as .*damaged/);
  await comesBackAfterKill('device-worker');
  await started(2);
  rmSync(path);
  await started(3);
  expect(said.join('\n')).toContain(`${path} is gone;`);
  const file = JSON.parse(readFileSync(path, 'utf8'));
  const processes = file.processes.filter(({ name }: { name: string }) => name !== 'control-worker');
  const pid = pidOf(await services(), 'control-worker');
  writeFileSync(path, JSON.stringify({ ...file, processes }));
  process.kill(pid, 'SIGKILL'); // after the file: else its entry would be seen dead
  await started(4);
  expect(said.join('\n')).toContain('control-worker not in ');
});

test('waits ever longer before what keeps dying is started again, up to a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 100].map(pauseAfter)).toEqual([
    0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
});
