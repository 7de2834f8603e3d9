import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BUNDLED_TASK, bundledRepo } from '../src/bundled.ts';
import { MachineNotReady } from '../src/machine.ts';

let folder = '';
let root = '';
let repos = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'autoresearch-bundled-')));
  root = join(folder, 'package');
  repos = join(folder, 'state', 'repos');
  mkdirSync(join(root, 'tasks', 'byte-lm'), { recursive: true });
  writeFileSync(join(root, BUNDLED_TASK), 'name: byte-lm\n');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it("is the clone itself where there is one, and else a repo of the package's files, for its person alone", async () => {
  const made = await Promise.all([bundledRepo(repos, root), bundledRepo(repos, root)]);
  const [repo] = made;
  expect(new Set(made).size).toBe(1);
  expect(execFileSync('git', ['ls-files'], { cwd: repo }).toString()).toBe(`${BUNDLED_TASK}\n`);
  expect(readdirSync(repos)).toHaveLength(1);
  for (const path of [repos, join(folder, 'state')]) expect(statSync(path).mode & 0o777).toBe(0o700);
  mkdirSync(join(root, '.git'));
  expect(await bundledRepo(repos, root)).toBe(root);
});

it('leaves nothing half made where there is no git', async () => {
  vi.stubEnv('PATH', folder);
  await expect(bundledRepo(repos, root)).rejects.toThrow(MachineNotReady);
  expect(existsSync(repos) ? readdirSync(repos) : []).toEqual([]);
});
