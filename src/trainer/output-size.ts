// How much a command has written, while it runs: one walk through its folders after the other, with pauses, so that a
// million files cost no more than a tenth of a core.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOCK_BYTES } from './disk.ts';

/** Where a command writes. */
export interface Written {
  /** What stands there at first is no output. */
  readonly tree: string;
  /** All that stands there is its own. */
  readonly own: readonly string[];
}

const BYTES_PER_MB = 1e6;
/** A walk is followed by a pause so many times as long. */
const PAUSE_FACTOR = 10;

/** Answers, at once, with what an earlier walk found a command to have written, in MB; begins the next when due. */
export function createSizeWatch({ tree, own }: Written, enoughMb: number): () => number {
  let grownMb = 0;
  let checkoutMb: number | undefined; // what the tree was at the first walk is no output
  let nextAt = 0;
  const walk = async (): Promise<void> => {
    const startedAt = performance.now();
    const enough = (checkoutMb ?? Number.POSITIVE_INFINITY) + enoughMb;
    const treeMb = await sizeMb([tree], enough);
    checkoutMb ??= treeMb;
    grownMb = Math.max(0, treeMb - checkoutMb) + (await sizeMb(own, enoughMb));
    nextAt = performance.now() + PAUSE_FACTOR * (performance.now() - startedAt);
  };
  return () => {
    if (performance.now() >= nextAt) {
      nextAt = Number.POSITIVE_INFINITY; // until this walk is over
      void walk();
    }
    return grownMb;
  };
}

/** What files below take of the disk, in MB; stops when it is more than enough. Follows no link, misses what goes meanwhile. */
async function sizeMb(folders: readonly string[], enough: number): Promise<number> {
  let size = 0;
  const waiting = [...folders];
  for (let folder = waiting.pop(); folder !== undefined && size <= enough; folder = waiting.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      const blocks = await lstat(path).then(
        (found) => found.blocks,
        () => 0,
      );
      size += (blocks * BLOCK_BYTES) / BYTES_PER_MB;
    }
  }
  return size;
}
