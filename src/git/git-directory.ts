// Where a person's repo keeps its history, whatever git would say of that folder: a work tree's may stand elsewhere, and be
// shared with other work trees.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder with the refs and objects of the repo at this path: the path itself where it is bare, or gone. */
export function gitDirectoryOf(path: string): string {
  const dot = join(path, '.git');
  const found = statSync(dot, { throwIfNoEntry: false });
  if (found === undefined) return path;
  if (found.isDirectory()) return dot;
  const own = resolve(
    path,
    readFileSync(dot, 'utf8')
      .replace(/^gitdir: /, '')
      .trim(),
  );
  const common = join(own, 'commondir');
  return existsSync(common) ? resolve(own, readFileSync(common, 'utf8').trim()) : own;
}
