import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MachineNotReady } from '../../src/machine.ts';
import { bundledTaskTools, checkMachine } from '../../src/services/bootstrap.ts';

const PATH = process.env['PATH'];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootstrap-test-'));
});
afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true, force: true });
});

const tool = (name: string, answer: string): void =>
  writeFileSync(join(folder, name), `#!/bin/sh\necho "${answer}"\n`, { mode: 0o755 });

function onlyTools(tools: Readonly<Record<string, string>>): void {
  symlinkSync('/bin/sh', join(folder, 'sh'));
  for (const [name, answer] of Object.entries(tools)) tool(name, answer);
  process.env['PATH'] = folder;
}

test('accepts this machine', async () => {
  await expect(checkMachine()).resolves.toBeUndefined();
});

test('accepts the oldest versions that will do', async () => {
  onlyTools({ git: 'git version 2.38.0', python3: 'Python 3.9.2', flock: 'flock from util-linux 2.30' });
  await expect(checkMachine()).resolves.toBeUndefined();
});

test('names everything that is missing or too old at once, with what to do', async () => {
  onlyTools({ git: 'git version 2.30.2 (Apple Git-1)', python3: 'Python 3.8.20' });
  const check = checkMachine();
  await expect(check).rejects.toThrow(MachineNotReady);
  await expect(check).rejects.toThrow(/`git` 2\.38 or newer, got "git version 2\.30\.2 .*; install git/);
  await expect(check).rejects.toThrow(/`python3` 3\.9 or newer, got "Python 3\.8\.20"; install Python 3/);
  await expect(check).rejects.toThrow(/the command `flock`, got none on the PATH; install util-linux/);
});

/** A machine whose python3 has no pip, as a bare Debian has it. */
function withoutPip(): void {
  onlyTools({ git: 'git version 2.40.0', flock: 'flock from util-linux 2.38' });
  const python =
    '#!/bin/sh\n[ "$1" != -m ] && echo "Python 3.11.2" && exit\necho "$0: No module named $2" >&2\nexit 1\n';
  writeFileSync(join(folder, 'python3'), python, { mode: 0o755 });
}

test('the bundled task asks for pip, and says how to get it or how to do without', async () => {
  withoutPip();
  await expect(checkMachine()).resolves.toBeUndefined();
  const tools = bundledTaskTools({ AUTORESEARCH_HOME: folder });
  await expect(checkMachine(tools)).rejects.toThrow(
    /^Expected the command `python3 -m pip`, got .*No module named pip; install it, for example `apt-get install python3-pip`, or set PIP_INDEX_URL/,
  );
});

test('does without pip where an index is named, or an environment with numpy was prepared', () => {
  const state = { AUTORESEARCH_HOME: folder };
  expect(bundledTaskTools({ ...state, PIP_INDEX_URL: 'http://127.0.0.1/simple' })).toEqual([]);
  const prepared = join(folder, 'envs', '0123456789abcdef');
  mkdirSync(join(prepared, 'env/lib/python3.11/site-packages/numpy'), { recursive: true });
  expect(bundledTaskTools(state)).toHaveLength(1); // half a preparation, which is made again
  writeFileSync(join(prepared, 'ready.json'), '{}');
  expect(bundledTaskTools(state)).toEqual([]);
});

test('a tool that fails without a word is told by how it ended', async () => {
  onlyTools({ git: 'git version 2.40.0', python3: 'Python 3.11.0' });
  writeFileSync(join(folder, 'flock'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  await expect(checkMachine()).rejects.toThrow(
    'Expected the command `flock`, got Command failed with exit code 3: flock --version; install util-linux',
  );
});
