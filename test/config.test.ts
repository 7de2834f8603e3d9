import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  devicesWanted,
  homeId,
  packageRoot,
  packageVersion,
  prepareStateDirectory,
  stateDirectory,
} from '../src/config.ts';

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'config-test-'));
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const within = (root: string) => stateDirectory({ AUTORESEARCH_HOME: root });

test('takes the state directory from AUTORESEARCH_HOME, else XDG_STATE_HOME, else the home folder', () => {
  const HOME = '/home/ada';
  expect(stateDirectory({ AUTORESEARCH_HOME: '/a', XDG_STATE_HOME: '/x', HOME }).root).toBe('/a');
  expect(stateDirectory({ XDG_STATE_HOME: '/x', HOME }).root).toBe('/x/autoresearch');
  expect(stateDirectory({ XDG_STATE_HOME: 'relative', HOME }).root).toBe('/home/ada/.local/state/autoresearch');
  expect(stateDirectory({ AUTORESEARCH_HOME: '', HOME }).services).toBe(
    '/home/ada/.local/state/autoresearch/services.json',
  );
});

test('makes the state directory for its owner alone', () => {
  const directory = prepareStateDirectory(within(join(scratch, 'deep', 'state')));
  expect(statSync(directory.root).mode & 0o777).toBe(0o700);
  expect(statSync(directory.keys).mode & 0o777).toBe(0o700);
  expect(() => prepareStateDirectory(directory)).not.toThrow();
});

test('says what is wrong with a state directory that cannot be made, and what to do', () => {
  const file = join(scratch, 'file');
  writeFileSync(file, '');
  expect(() => prepareStateDirectory(within(file))).toThrow(
    /state directory .*file .*a file in the place of a folder.*AUTORESEARCH_HOME/,
  );
  expect(() => prepareStateDirectory(within('/proc/state'))).toThrow(/state directory \/proc\/state/);
});

// Only root may make a folder of another user's; everybody else is refused before the test could begin.
test.runIf(process.getuid?.() === 0)(
  'refuses a state directory of somebody else and one that it may not write (needs root)',
  () => {
    const root = join(scratch, 'theirs');
    mkdirSync(root);
    execFileSync('chown', ['65534', root]);
    chmodSync(root, 0o777);
    expect(() => prepareStateDirectory(within(root))).toThrow('it belongs to user 65534');
    expect(readdirSync(root)).toEqual([]); // nothing of ours is left in their way
  },
);

test('keeps its home id, also when many processes ask for the first time at once', async () => {
  const root = join(scratch, 'state');
  const ask = `import { homeId, stateDirectory } from ${JSON.stringify(join(packageRoot(), 'src/config.ts'))}
    process.stdout.write(homeId(stateDirectory({ AUTORESEARCH_HOME: ${JSON.stringify(root)} })))`;
  const answers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', ask], {
        cwd: packageRoot(),
      });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      await new Promise((done) => child.once('close', done));
      return out;
    }),
  );
  const id = homeId(within(root));
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(answers).toEqual([id, id, id, id]);
});

test('names the file of a home id that is damaged', () => {
  const directory = prepareStateDirectory(within(join(scratch, 'state')));
  writeFileSync(join(directory.root, 'home-id'), 'half');
  expect(() => homeId(directory)).toThrow(/home-id to hold 16 hexadecimal digits, got "half"/);
});

test('finds its own package', () => {
  const { name, version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  expect(name).toBe('durable-autoresearch');
  expect(packageVersion()).toBe(version);
});

test('trains on the devices that are named, else on whatever there is', () => {
  expect(devicesWanted({ AUTORESEARCH_DEVICES: 'cpu0,cpu1' })).toBe('cpu0,cpu1');
  expect(devicesWanted({ AUTORESEARCH_DEVICES: '' })).toBeUndefined();
  expect(devicesWanted({})).toBeUndefined();
});
