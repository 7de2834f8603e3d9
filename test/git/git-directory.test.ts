import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import { gitDirectoryOf } from '../../src/git/git-directory.ts';
import { newFolder, newRepo } from './sandbox.ts';

it('finds the history of a repo, of its further work trees, of one that keeps it elsewhere, and of a bare one', async () => {
  const repo = await newRepo({ 'train.py': '' });
  const folder = await newFolder();
  const [tree, apart, bare] = [join(folder, 'tree'), join(folder, 'apart'), join(folder, 'bare.git')];
  await git(repo, ['worktree', 'add', '--quiet', '--detach', tree]);
  await git(repo, ['clone', '--quiet', '--separate-git-dir', join(folder, 'history'), repo, apart]);
  await git(repo, ['clone', '--quiet', '--bare', repo, bare]);
  expect(gitDirectoryOf(repo)).toBe(join(repo, '.git'));
  expect(realpathSync(gitDirectoryOf(tree))).toBe(realpathSync(join(repo, '.git')));
  expect(gitDirectoryOf(apart)).toBe(join(folder, 'history'));
  expect(gitDirectoryOf(bare)).toBe(bare);
  expect(gitDirectoryOf(join(folder, 'gone'))).toBe(join(folder, 'gone'));
});
