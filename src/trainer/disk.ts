// How much room there is, and who takes it.
import { existsSync, lstatSync, readdirSync, statfsSync, type Dirent } from 'node:fs';
import { dirname, join } from 'node:path';

/** The disk that a path is on, in bytes. */
export interface Disk {
  readonly totalBytes: number;
  /** For people who are not root. */
  readonly freeBytes: number;
  /** As `df` has it: between 0 and 1. */
  readonly usedShare: number;
}

/** What `lstat` counts blocks in, whatever the disk's own are. */
export const BLOCK_BYTES = 512;

/** The disk of a path that need not be there yet. */
export function diskAt(path: string): Disk {
  const { bavail, bfree, blocks, bsize } = statfsSync(nearest(path));
  const used = blocks - bfree;
  return {
    totalBytes: blocks * bsize,
    freeBytes: bavail * bsize,
    usedShare: used === 0 ? 0 : used / (used + bavail),
  };
}

/** The path itself, or the nearest folder above it that exists. */
export function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}

/** What a folder takes of its disk, in bytes; what is removed meanwhile counts as nothing. Follows no link. */
export function folderBytes(folder: string): number {
  return entriesOf(folder).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    const own = (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK_BYTES;
    return sum + own + (entry.isDirectory() ? folderBytes(path) : 0);
  }, 0);
}

/** What each session takes, by the name of its folder, the largest first. */
export function sessionUse(trialsRoot: string): { readonly session: string; readonly bytes: number }[] {
  return entriesOf(trialsRoot)
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ session: name, bytes: folderBytes(join(trialsRoot, name)) }))
    .toSorted((a, b) => b.bytes - a.bytes);
}

/** A size as people read it: `340 MB`, `1.2 GB`. */
export function byteFigure(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.floor(bytes / 1e6)} MB` : `${Math.floor(bytes / 1e3)} kB`;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not there yet, removed meanwhile, or not ours to read
  }
}
