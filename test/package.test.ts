// What people install: the tarball of `npm pack`, unpacked where there is neither a clone nor a lock file.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot, packageVersion } from '../src/config.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'autoresearch-package-')));
const unpacked = join(folder, 'package');
const state = join(folder, 'state');

beforeAll(async () => {
  // In a copy, because packing builds dist/, which the clone itself may be running from.
  const copy = join(folder, 'copy');
  await execa('git', ['clone', '--quiet', '--no-hardlinks', packageRoot(), copy]);
  const changed = await execa('git', ['ls-files', '--modified', '--others', '--exclude-standard', '-z'], {
    cwd: packageRoot(),
  });
  for (const name of changed.stdout.split('\0').filter((one) => one !== '' && existsSync(join(packageRoot(), one))))
    await execa('cp', ['--parents', name, copy], { cwd: packageRoot() });
  symlinkSync(realpathSync(join(packageRoot(), 'node_modules')), join(copy, 'node_modules'));
  await execa('npm', ['pack', '--offline', '--pack-destination', folder], { cwd: copy });
  await execa('tar', ['-xzf', `durable-autoresearch-${packageVersion()}.tgz`], { cwd: folder });
  rmSync(copy, { recursive: true, force: true });
  // As npm would: the package's dependencies stand above it.
  symlinkSync(realpathSync(join(packageRoot(), 'node_modules')), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const autoresearch = (...argv: string[]) =>
  execa('node', [join(unpacked, 'bin', 'autoresearch.js'), ...argv], {
    cwd: folder,
    env: { AUTORESEARCH_HOME: state },
    reject: false,
    stdin: 'ignore',
  });

test('the package is what was built, the bundled task and the command, and nothing that only a clone can use', () => {
  expect(readdirSync(unpacked).toSorted()).toEqual(['README.md', 'bin', 'dist', 'package.json', 'tasks']);
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
  const repo = join(state, 'repos', `bundled-${packageVersion()}`);
  const { stdout } = await execa('git', ['ls-files'], { cwd: repo });
  expect(stdout.split('\n')).toContain('tasks/byte-lm/train.py');

  const mine = join(folder, 'mine');
  mkdirSync(mine);
  writeFileSync(join(mine, 'train.py'), 'A = 1\n');
  await execa('git', ['init', '--quiet'], { cwd: mine });
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost'];
  await execa('git', [...identity, 'commit', '--quiet', '--allow-empty', '--message', 'begin'], { cwd: mine });
  const how = ['--train', 'python train.py', '--metric', 'loss', '--edit', 'train.py'];
  const init = await execa('node', [join(unpacked, 'bin', 'autoresearch.js'), 'init', ...how], { cwd: mine });
  expect(init.stdout).toBe(join(mine, 'autoresearch.yaml'));
});
