import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import { down, services, up, type Services } from '../../src/services/daemon.ts';

const launcher = join(packageRoot(), 'test/fixtures/services/worker.js');
const start = async (more: object = {}): Promise<Services> => await up({ launcher, ...more });
const pids = (running: Services) => Object.fromEntries(running.processes.map(({ name, pid }) => [name, pid]));

afterEach(async () => void (await down()));

test('a damaged services.json is named and left by whoever only looks, also by two at once', async () => {
  const first = await start();
  const directory = stateDirectory();
  writeFileSync(directory.services, 'no list');
  const [one, two] = await Promise.all([services(), services()]);
  expect(one.problems).toEqual([expect.stringContaining(`Expected ${directory.services} to be a list of services`)]);
  expect(pids(two)).toEqual(pids(first));
  expect(readFileSync(directory.services, 'utf8')).toBe('no list');
  expect((await down()).length).toBe(3);
  expect(readdirSync(directory.root).filter((name) => name.includes('.damaged-'))).not.toEqual([]);
  expect((await services()).problems).toBeUndefined();
});
