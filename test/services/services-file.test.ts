import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import { down, services, up, type Services } from '../../src/services/daemon.ts';
import { readServicesFile } from '../../src/services/services-file.ts';

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

// Only root may make a folder of another user's, and be a third one for a moment.
test.runIf(process.getuid?.() === 0)('that of another user is called theirs by whoever only looks (needs root)', () => {
  const parent = mkdtempSync(join(tmpdir(), 'autoresearch-'));
  const directory = stateDirectory({ AUTORESEARCH_HOME: join(parent, 'state') });
  mkdirSync(directory.root, { mode: 0o700 });
  chmodSync(parent, 0o755);
  chownSync(directory.root, 65_534, 65_534);
  process.seteuid?.(65_533);
  try {
    expect(() => readServicesFile(directory)).toThrow(/to belong to you .* belongs to user 65534/);
  } finally {
    process.seteuid?.(0);
    rmSync(parent, { recursive: true });
  }
});
