// What stands in a commit, read without a work tree; the functions work in a home clone and in a person's repo alike.
import { git } from './git.ts';
import { readObjects, textOf } from './objects.ts';

/** One entry of a commit's tree that is no folder: a file, a symbolic link or a submodule. */
export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  /** SHA of its content. */
  readonly object: string;
}

/** Regular files, executable or not; links and submodules have other modes. */
export const isRegular = (entry: TreeEntry): boolean => entry.mode === '100644' || entry.mode === '100755';
/** A symbolic link; its content is its target. */
export const isLink = (entry: TreeEntry): boolean => entry.mode === '120000';

/** Every entry of a commit, in git's order; with `paths`, only those at or below them. */
export async function listFiles(
  directory: string,
  commit: string,
  paths: readonly string[] = [],
): Promise<readonly TreeEntry[]> {
  const listing = await git(directory, ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths]);
  return listing.split('\0').flatMap((line) => {
    const [, mode, object, path] = /^(\d+) \w+ ([0-9a-f]+)\t([^]*)$/.exec(line) ?? [];
    return mode === undefined || object === undefined || path === undefined ? [] : [{ path, mode, object }];
  });
}

/** The texts of some files of a commit by path; a path that is no file there is left out. */
export async function readFiles(
  directory: string,
  commit: string,
  paths: readonly string[],
): Promise<Record<string, string>> {
  const byCommit = await readFilesOfMany(directory, [commit], paths);
  return byCommit[commit] ?? {};
}

/** The same for many commits at once: texts by commit, then by path. */
export async function readFilesOfMany(
  directory: string,
  commits: readonly string[],
  paths: readonly string[],
): Promise<Record<string, Record<string, string>>> {
  const wanted = commits.flatMap((commit) => paths.map((path) => ({ commit, path })));
  const objects = await readObjects(
    directory,
    wanted.map(({ commit, path }) => `${commit}:${path}`),
  );
  const result: Record<string, Record<string, string>> = Object.fromEntries(commits.map((commit) => [commit, {}]));
  for (const [index, { commit, path }] of wanted.entries()) {
    const object = objects[index];
    const texts = result[commit];
    if (object?.type === 'blob' && texts) texts[path] = textOf(object, `${path} at ${commit}`);
  }
  return result;
}

/** The SHA of a commit's tree. */
export async function treeOf(directory: string, commit: string): Promise<string> {
  return git(directory, ['rev-parse', '--verify', `${commit}^{tree}`]);
}
