import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { Connection } from '@temporalio/client';
import { packageRoot, prepareStateDirectory, stateDirectory } from '../../src/config.ts';
import { down, services, up, type Services } from '../../src/services/daemon.ts';
import { isHealthy } from '../../src/services/temporal-server.ts';
import { identify } from '../../src/trainer/process-identity.ts';
import { environmentOf } from '../../src/trainer/process-table.ts';
import { join } from 'node:path';
import { writeOwnPorts } from '../support/own-ports.ts';
import { serversIn, takePort } from './machine.ts';

const launcher = join(packageRoot(), 'test/fixtures/services/worker.js');
const said: string[] = [];
const say = (text: string): void => void said.push(text);
writeOwnPorts(stateDirectory().root);
const start = async (more: object = {}): Promise<Services> => await up({ say, launcher, ...more });

afterEach(async () => {
  delete process.env['TEMPORAL_ADDRESS'];
  await down();
  said.length = 0;
});

const pids = (running: Services) => Object.fromEntries(running.processes.map(({ name, pid }) => [name, pid]));

const keysOf = ({ processes }: Services) => processes.slice(1).map(({ name, hasKey }) => [name, hasKey]);

async function goneAfterKill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  while (identify(pid) !== undefined) await delay(10);
}

async function namespaces(address: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  const { namespaces: all } = await connection.workflowService.listNamespaces({});
  await connection.close();
  return (all ?? []).map((one) => String(one.namespaceInfo?.name));
}

test('starts the server and both workers, tells where they are, and finds them all again', async () => {
  const first = await start();
  expect(first.processes.map(({ name, alive }) => [name, alive])).toEqual([
    ['temporal-server', true],
    ['control-worker', true],
    ['device-worker', true],
  ]);
  expect((await fetch(String(first.uiUrl))).status).toBe(200);
  expect((await fetch(String(first.startUrl))).status).toBe(200);
  expect(await namespaces(String(first.address))).toContain('default');
  expect(await start()).toEqual(first);
  expect(await services()).toEqual(first);
  expect(said.join('\n')).toContain(
    `Starting the Temporal server on port ${first.address?.split(':')[1]}, its page on`,
  );
  expect(readFileSync(String(first.processes[1]?.log), 'utf8')).toContain(`worker control in ${process.cwd()}`);
});

test('two at once give one server', async () => {
  const [one, other] = await Promise.all([start(), start()]);
  expect(pids(one)).toEqual(pids(other));
  expect(serversIn(stateDirectory().root)).toHaveLength(1);
});

test('two state directories at once give two servers, each on ports of its own', async () => {
  const other = stateDirectory({ AUTORESEARCH_HOME: `${stateDirectory().root}-other` });
  try {
    const [one, two] = await Promise.all([start(), start({ directory: other })]);
    expect(one.address).not.toBe(two.address);
    expect(one.uiUrl).not.toBe(two.uiUrl);
    expect(await namespaces(String(one.address))).toContain('default');
    expect(await namespaces(String(two.address))).toContain('default');
  } finally {
    await down({ directory: other });
  }
});

test('starts a killed server again on the same ports, with its database', async () => {
  const first = await start();
  // Something that only the database can bring back.
  const { status } = await fetch(`${first.httpUrl}/api/v1/namespaces`, {
    method: 'POST',
    body: JSON.stringify({ namespace: 'kept', workflowExecutionRetentionPeriod: '86400s' }),
  });
  expect(status).toBe(200);
  await goneAfterKill(Number(pids(first)['temporal-server']));
  expect((await services()).processes[0]).toMatchObject({ name: 'temporal-server', alive: false });
  const second = await start();
  expect(second).toMatchObject({ address: first.address, uiUrl: first.uiUrl, httpUrl: first.httpUrl });
  expect(pids(second)).toEqual({ ...pids(first), 'temporal-server': expect.any(Number) });
  expect(pids(second)['temporal-server']).not.toBe(pids(first)['temporal-server']);
  expect(await namespaces(String(second.address))).toContain('kept');
});

test('starts a killed worker again and leaves the rest alone', async () => {
  const first = await start();
  await goneAfterKill(Number(pids(first)['device-worker']));
  const second = await start();
  expect(pids(second)).toEqual({ ...pids(first), 'device-worker': expect.any(Number) });
  expect(second.processes.every(({ alive }) => alive)).toBe(true);
});

test('replaces workers that run other code', async () => {
  const first = await start();
  const path = stateDirectory().services;
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/"runs": "[^"]*\+/g, '"runs": "0.0.1+'));
  const second = await start();
  expect(pids(second)['temporal-server']).toBe(pids(first)['temporal-server']);
  expect(pids(second)['control-worker']).not.toBe(pids(first)['control-worker']);
  expect(identify(Number(pids(first)['control-worker']))).toBeUndefined();
});

test('knows whether the control worker was started with a key, and leaves one without as it is', async () => {
  const first = await start();
  vi.stubEnv('ANTHROPIC_API_KEY', 'a-key');
  expect(keysOf(await start())).toEqual(keysOf(first));
  await down();
  const second = await start();
  vi.unstubAllEnvs();
  expect([keysOf(first), keysOf(second), keysOf(await start())]).toEqual(
    [false, true, true].map((hasKey) => [
      ['control-worker', hasKey],
      ['device-worker', undefined],
    ]),
  );
  expect(environmentOf(Number(pids(second)['control-worker']))).toContain('ANTHROPIC_API_KEY=a-key');
  expect(environmentOf(Number(pids(second)['device-worker'])).join()).not.toContain('a-key');
  expect(readFileSync(stateDirectory().services, 'utf8')).not.toContain('a-key');
});

test('moves to the next free ports when another program has taken its own, and says so', async () => {
  const first = await start();
  await goneAfterKill(Number(pids(first)['temporal-server']));
  const squatter = await takePort(Number(String(first.address).split(':')[1]));
  try {
    const second = await start();
    expect(second.address).not.toBe(first.address);
    expect(said.join('\n')).toContain('Another program has taken port');
    expect(pids(second)['control-worker']).not.toBe(pids(first)['control-worker']);
  } finally {
    squatter.close();
  }
});

test('moves a damaged services.json aside, names it, and still finds what runs', async () => {
  const first = await start();
  const directory = stateDirectory();
  writeFileSync(directory.services, '{"format": 1, "processes": [{"na');
  const second = await start();
  expect(said.join('\n')).toMatch(/services\.json to be a list of services, got no JSON.*kept as .*damaged/);
  expect(readdirSync(directory.root).filter((name) => name.includes('damaged'))).toHaveLength(1);
  expect(pids(second)['temporal-server']).toBe(pids(first)['temporal-server']);
  expect(second.address).toBe(first.address);
});

test('ends everything on down, and remembers the ports', async () => {
  const first = await start();
  expect([...(await down())].toSorted()).toEqual(['control-worker', 'device-worker', 'temporal-server']);
  for (const pid of Object.values(pids(first))) expect(identify(pid)).toBeUndefined();
  expect(await services()).toEqual({ ...first, processes: [] });
  expect(await down()).toEqual([]);
});

test('never ends a process that was given the pid of one of ours', async () => {
  const innocent = spawn('sleep', ['600']);
  const { pid = 0 } = innocent;
  const identity = identify(pid);
  const entry = { name: 'control-worker', pid, startedAt: '2026-01-01T00:00:00Z', log: '/nowhere', runs: 'old' };
  const recycled = { ...entry, startTime: '1', bootId: identity?.bootId };
  const rebooted = { ...entry, startTime: identity?.startTime, bootId: 'another boot' };
  try {
    for (const one of [recycled, rebooted]) {
      await up({ launcher });
      const path = stateDirectory().services;
      const file = JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(path, JSON.stringify({ ...file, processes: [...file.processes, one] }));
      await down();
      expect(identify(pid)).toEqual(identity);
    }
  } finally {
    innocent.kill('SIGKILL');
  }
});

test('starts no server of ours where the person has one', async () => {
  process.env['TEMPORAL_ADDRESS'] = 'temporal.example:7233';
  const running = await start();
  expect(running).toMatchObject({ address: 'temporal.example:7233', embedded: false });
  expect(running.processes.map(({ name }) => name)).toEqual(['control-worker', 'device-worker']);
});

test('gives the server nothing of the environment', async () => {
  process.env['ANTHROPIC_API_KEY'] = 'secret';
  try {
    const running = await start();
    expect(readFileSync(`/proc/${pids(running)['temporal-server']}/environ`, 'utf8')).not.toContain('secret');
    expect(readFileSync(`/proc/${pids(running)['control-worker']}/environ`, 'utf8')).toContain('secret');
  } finally {
    delete process.env['ANTHROPIC_API_KEY'];
  }
});

test('knows when no server answers', async () => {
  expect(await isHealthy({ grpc: 1, ui: 2, http: 9 })).toBe(false);
});

test('names a database of another server version before it starts with an empty one, and keeps it', async () => {
  const directory = prepareStateDirectory(stateDirectory({ AUTORESEARCH_HOME: `${stateDirectory().root}-old` }));
  const theirs = join(directory.server, 'temporal-0.9.0.db');
  writeFileSync(theirs, 'theirs');
  try {
    await start({ directory });
    expect(said.join('\n')).toMatch(/begins with an empty database: temporal-0\.9\.0\.db in .* --continue-from/);
    expect(readFileSync(theirs, 'utf8')).toBe('theirs');
  } finally {
    await down({ directory });
  }
});
