// The bundled task's repo: the clone of this project itself, or, installed without git, a repo made of the package's
// files in the state directory.
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot, packageVersion } from './config.ts';
import { git } from './git/git.ts';

/** The bundled task's file in its repo. */
export const BUNDLED_TASK = 'tasks/byte-lm/autoresearch.yaml';

/** The path of the repo that holds the bundled task. Safe to run twice, and at the same time. */
export async function bundledRepo(repos: string): Promise<string> {
  const root = packageRoot();
  if (existsSync(join(root, '.git'))) return root;
  const repo = join(repos, `bundled-${packageVersion()}`);
  if (existsSync(repo)) return repo;
  const making = `${repo}.making-${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
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
  await rename(making, repo).catch(async (error: unknown) => {
    // Another process was faster: its repo is as good.
    if (!existsSync(repo)) throw error;
    await rm(making, { recursive: true, force: true });
  });
  return repo;
}
