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

/** Thrown when a tree holds a symbolic link that points out of it: training could then write anywhere. */
export class EscapingLink extends Error {
  override readonly name = 'EscapingLink';
}

/** Makes `folder` the exact content of `commit`; throws `EscapingLink` before anything is written. */
export async function checkoutTree({ clone, commit, folder }: Checkout): Promise<void> {
  await refuseEscapingLinks(clone, commit);
  const target = resolve(folder);
  const making = `${target}.making`;
  const index = `${target}.index`;
  await rm(making, { recursive: true, force: true });
  await Promise.all([index, `${index}.lock`].map((path) => rm(path, { force: true })));
  await mkdir(making, { recursive: true });
  const env = { GIT_DIR: resolve(clone), GIT_WORK_TREE: making, GIT_INDEX_FILE: index };
  try {
    await git(making, ['read-tree', commit], { env });
    await git(making, ['checkout-index', '--all', '--force', '--quiet'], { env });
  } finally {
    await rm(index, { force: true });
  }
  await rm(target, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await rename(making, target);
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
