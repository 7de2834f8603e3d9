import { spawn } from 'node:child_process';
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { packageRoot, prepareStateDirectory, stateDirectory } from '../../src/config.ts';
import { down, services, up, type Services } from '../../src/services/daemon.ts';
import { identify } from '../../src/trainer/process-identity.ts';

const launcher = join(packageRoot(), 'test/fixtures/services/worker.js');
const said: string[] = [];
const say = (text: string): void => void said.push(text);
const start = async (more: object = {}): Promise<Services> => await up({ launcher, ...more });
const pids = (running: Services) => Object.fromEntries(running.processes.map(({ name, pid }) => [name, pid]));

afterEach(async () => void (await down()));

test("another home's services.json makes nobody here show, use or end what is that home's", async () => {
  const first = await start();
  const other = prepareStateDirectory(stateDirectory({ AUTORESEARCH_HOME: `${stateDirectory().root}-copy` }));
  const copy = readFileSync(stateDirectory().services);
  try {
    writeFileSync(other.services, copy);
    const seen = await services({ directory: other });
    expect(seen).toMatchObject({ embedded: true, processes: [] });
    expect(seen.address).toBeUndefined();
    expect(seen.problems?.join()).toContain(`temporal-server (process ${pids(first)['temporal-server']})`);
    expect(await down({ directory: other, say })).toEqual([]);
    expect(said.join('\n')).toContain('of another state directory');
    writeFileSync(other.services, copy);
    const second = await start({ directory: other });
    for (const [name, pid] of Object.entries(pids(first))) expect(pids(second)[name]).not.toBe(pid);
    expect(second.address).not.toBe(first.address);
    expect(await services()).toEqual(first);
    expect(first.processes.every(({ pid }) => identify(pid) !== undefined)).toBe(true);
  } finally {
    await down({ directory: other });
  }
});

test('a home that is named through a link, or was renamed, is the same home', async () => {
  const first = await start();
  const { root } = stateDirectory();
  const link = `${root}-link`;
  symlinkSync(root, link);
  try {
    expect(pids(await services({ directory: stateDirectory({ AUTORESEARCH_HOME: link }) }))).toEqual(pids(first));
    renameSync(root, `${root}-moved`);
    const moved = stateDirectory({ AUTORESEARCH_HOME: `${root}-moved` });
    expect(pids(await services({ directory: moved }))).toEqual(pids(first));
  } finally {
    rmSync(link);
    renameSync(`${root}-moved`, root);
  }
});

test("a server that is just ending, whose environment is gone first, is no other home's: its ports are kept", async () => {
  const first = await start();
  const ending = spawn('sleep', ['60'], { env: {}, stdio: 'ignore' });
  const was = readFileSync(stateDirectory().services, 'utf8');
  try {
    const file = JSON.parse(was);
    const processes = file.processes.map((entry: { name: string }) =>
      entry.name === 'temporal-server' ? { ...entry, ...identify(ending.pid ?? 0) } : entry,
    );
    writeFileSync(stateDirectory().services, JSON.stringify({ ...file, processes }));
    const seen = await services();
    expect(seen.address).toBe(first.address);
    expect(pids(seen)['temporal-server']).toBe(ending.pid);
  } finally {
    writeFileSync(stateDirectory().services, was);
    ending.kill('SIGKILL');
  }
});
