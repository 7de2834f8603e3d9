// A commit's files as a plain folder without `.git`: the tree of a trial. Bytes are those in git: line-end conversion,
// LFS and other filters are off (the home clone's info/attributes), so that every machine trains the same files.
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { git } from './git.ts';
import { escapingLink } from './links.ts';
import { readObjects, textOf } from './objects.ts';
import { isLink, listFiles } from './tree.ts';

/** Where to put which commit. */
export interface Checkout {
  /** A home clone (bare). */
  readonly clone: string;
  readonly commit: string;
  /** Replaced as a whole, by one rename. */
  readonly folder: string;
}

/** A commit's files with the index that tells git what they are. */
export interface Tree {
  readonly folder: string;
  readonly index: string;
}

/** Thrown when a tree holds a symbolic link that points out of it: training could then write anywhere. */
export class EscapingLink extends Error {
  override readonly name = 'EscapingLink';
}

/**
 * Makes `folder` the exact content of `commit`; throws `EscapingLink`, with `folder` as it was. `spare`, a tree of another
 * commit that nobody has touched, is used up for it: then only the files that differ are written.
 */
export async function checkoutTree({ clone, commit, folder }: Checkout, spare?: Tree): Promise<void> {
  const target = resolve(folder);
  const making = treeAt(`${target}.making`);
  await removeTree(making);
  await mkdir(dirname(target), { recursive: true });
  if (spare !== undefined) {
    await rename(spare.folder, making.folder);
    await rename(spare.index, making.index);
  }
  await writeTree(clone, commit, making);
  await rm(making.index, { force: true });
  await rm(target, { recursive: true, force: true });
  await rename(making.folder, target);
}

/** A folder's tree; its index stands beside it. */
export const treeAt = (folder: string): Tree => ({ folder, index: `${folder}.index` });

/** Writes the files of `commit` that `tree` does not have yet, and removes others. On failure nothing is left of it. */
export async function writeTree(clone: string, commit: string, tree: Tree): Promise<void> {
  await mkdir(tree.folder, { recursive: true });
  const env = { GIT_DIR: resolve(clone), GIT_WORK_TREE: tree.folder, GIT_INDEX_FILE: tree.index };
  // Side by side, since a device waits for it; git itself never writes through a link.
  const done = await Promise.allSettled([
    git(tree.folder, ['read-tree', '--reset', '-u', commit], { env }),
    refuseEscapingLinks(clone, commit),
  ]);
  const failed = done.find(({ status }) => status === 'rejected');
  if (failed?.status !== 'rejected') return;
  await removeTree(tree);
  throw failed.reason;
}

/** Removes a tree, also half of one. */
export async function removeTree({ folder, index }: Tree): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await Promise.all([index, `${index}.lock`].map((path) => rm(path, { force: true })));
}

async function refuseEscapingLinks(clone: string, commit: string): Promise<void> {
  const links = (await listFiles(clone, commit)).filter(isLink);
  const targets = await readObjects(
    clone,
    links.map((link) => link.object),
  );
  const byPath = new Map(
    links.flatMap((link, index) => {
      const object = targets[index];
      return object ? [[link.path, textOf(object, `the symbolic link ${link.path} at ${commit}`)] as const] : [];
    }),
  );
  const escaping = escapingLink(byPath);
  if (escaping === undefined) return;
  throw new EscapingLink(
    `Expected every symbolic link of ${commit} to stay in the repo, got ${escaping} -> ${byPath.get(escaping)}; replace it by a file.`,
  );
}
