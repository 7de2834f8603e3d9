// What people install: the tarball of `npm pack`, unpacked where there is neither a clone nor a lock file.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageVersion } from '../src/config.ts';
import { installPackage, type InstalledPackage } from './support/installed-package.ts';

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
});
afterAll(() => installed.remove());

const autoresearch = (...argv: string[]) => installed.run(argv);

test('the package is what was built, the bundled task and the command, and nothing that only a clone can use', () => {
  expect(readdirSync(installed.path).toSorted()).toEqual(['README.md', 'bin', 'dist', 'package.json', 'tasks']);
});

test('it runs: says its version, looks at the machine, and names a mistake', async () => {
  expect(await autoresearch('--version')).toMatchObject({ exitCode: 0, stdout: packageVersion() });
  const { exitCode, stdout } = await autoresearch('doctor');
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^ok +node/)]);
  const wrong = await autoresearch('start', '--experiments', '0');
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, 'Expected `--experiments` to be at least 1, got 0.']);
});

test('without a clone the bundled task gets a repo of its own, and a task of yours is written', async () => {
  const { exitCode, stderr } = await autoresearch('start', '--ref', 'nowhere');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Expected `ref` to be a branch, tag or commit')]);
  const repo = join(installed.home, 'repos', `bundled-${packageVersion()}`);
  const { stdout } = await execa('git', ['ls-files'], { cwd: repo });
  expect(stdout.split('\n')).toContain('tasks/byte-lm/train.py');

  const mine = join(installed.folder, 'mine');
  mkdirSync(mine);
  writeFileSync(join(mine, 'train.py'), 'A = 1\n');
  await execa('git', ['init', '--quiet'], { cwd: mine });
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost'];
  await execa('git', [...identity, 'commit', '--quiet', '--allow-empty', '--message', 'begin'], { cwd: mine });
  const how = ['--train', 'python train.py', '--metric', 'loss', '--edit', 'train.py'];
  const init = await installed.run(['init', ...how], mine);
  expect(init.stdout).toBe(join(mine, 'autoresearch.yaml'));
});
