// Trees that are checked out before anybody needs them: a device would stand idle for as long as it takes to write the
// files of a repo, and most of them are the same for every candidate. A process uses only those that it made itself: nobody
// has run anything in them, and none is what a power cut left.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from '../trainer/file-lock.ts';
import { checkoutTree, removeTree, treeAt, writeTree, type Checkout, type Tree } from './checkout.ts';

/** A training and its scoring take one each. */
const MOST = 2;

/** The spare trees of one process. */
export interface SpareTrees {
  /** `checkoutTree`, from a spare of that clone where there is one. */
  readonly checkout: (checkout: Checkout) => Promise<void>;
  /** Makes spares, in the background, until there are enough of that clone; those of others go. Never throws. */
  readonly fill: (clone: string, commit: string) => void;
  /** How many stand ready. */
  readonly count: () => number;
  /** Removes what there is: the disk is full. */
  readonly clear: () => Promise<void>;
  /** The same, and its place: the process ends. */
  readonly end: () => Promise<void>;
}

/** Spares below `folder`, in a place of this process's own; what processes that are gone left there is removed. */
export function createSpareTrees(folder: string): SpareTrees {
  const { place, release } = takePlace(folder);
  let spares: { readonly clone: string; readonly tree: Tree }[] = [];
  let filling = Promise.resolve();
  let isFilling = false;
  /** What has just failed is not tried again before the next tree is taken. */
  let hasFailed = false;
  const take = (clone: string): Tree | undefined => {
    const found = spares.find((spare) => spare.clone === clone);
    spares = spares.filter((spare) => spare !== found);
    return found?.tree;
  };
  const fillUp = async (clone: string, commit: string): Promise<void> => {
    const others = spares.filter((spare) => spare.clone !== clone);
    spares = spares.filter((spare) => spare.clone === clone);
    for (const { tree } of others) await removeTree(tree);
    while (spares.length < MOST) {
      const tree = treeAt(join(place, randomUUID()));
      await writeTree(clone, commit, tree);
      spares.push({ clone, tree });
    }
  };
  const clear = async (): Promise<void> => {
    await filling;
    const all = spares;
    spares = [];
    for (const { tree } of all) await removeTree(tree);
  };
  return {
    checkout: async (checkout) => {
      hasFailed = false;
      const spare = take(checkout.clone);
      const whole = spare !== undefined && existsSync(spare.folder) && existsSync(spare.index);
      await checkoutTree(checkout, whole ? spare : undefined);
    },
    fill: (clone, commit) => {
      const isFull = spares.length >= MOST && spares.every((spare) => spare.clone === clone);
      if (isFilling || hasFailed || isFull) return;
      isFilling = true;
      filling = fillUp(clone, commit)
        .catch(() => void (hasFailed = true)) // without a spare it only takes longer
        .finally(() => void (isFilling = false));
    },
    count: () => spares.length,
    clear,
    end: async () => {
      await clear();
      release();
    },
  };
}

/** A folder that is held by a lock for as long as this process lives. */
function takePlace(folder: string): { readonly place: string; readonly release: () => void } {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).filter((one) => !one.endsWith('.lock'))) {
    const lock = tryLock(join(folder, `${name}.lock`));
    if (lock === undefined) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
    rmSync(lock.path, { force: true });
    lock.release();
  }
  const place = join(folder, randomUUID());
  const lock = tryLock(`${place}.lock`);
  if (lock === undefined) throw new Error(`Expected ${place} to be nobody's, but it is locked.`);
  mkdirSync(place);
  const release = (): void => {
    rmSync(place, { recursive: true, force: true });
    rmSync(lock.path, { force: true });
    lock.release();
  };
  return { place, release };
}
