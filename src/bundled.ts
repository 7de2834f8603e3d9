// The bundled task's repo: the clone of this project itself, or, installed without git, a repo made of the package's
// files in the state directory.
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, packageRoot, packageVersion } from './config.ts';
import { git } from './git/git.ts';

/** The bundled task's file in its repo. */
export const BUNDLED_TASK = 'tasks/byte-lm/autoresearch.yaml';

/**
 * The path of the repo that holds the bundled task of the package in `root`. Safe to run twice, and at the same time;
 * what fails half-way leaves nothing behind.
 */
export async function bundledRepo(repos: string, root = packageRoot()): Promise<string> {
  if (existsSync(join(root, '.git'))) return root;
  const repo = join(repos, `bundled-${packageVersion()}`);
  if (existsSync(repo)) return repo;
  makeFolder(repos); // for this person alone: nothing may have prepared the state directory yet
  const making = await mkdtemp(`${repo}.making-`);
  try {
    await make(making, root);
    await rename(making, repo).catch((error: unknown) => {
      if (!existsSync(repo)) throw error; // else another process was faster: its repo is as good
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return repo;
}

async function make(making: string, root: string): Promise<void> {
  await cp(join(root, 'tasks'), join(making, 'tasks'), { recursive: true });
  await git(making, ['init', '--quiet', '--initial-branch=main', '--template=']);
  await git(making, ['add', '--all']);
  await git(making, [
    'commit',
    '--quiet',
    '--no-gpg-sign',
    '--message',
    `bundled tasks of version ${packageVersion()}`,
  ]);
}
