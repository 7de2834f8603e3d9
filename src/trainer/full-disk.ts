// When there is no room for a training: said before it starts, and found out when it took its end from others' files.
import { existsSync, rmSync, statSync } from 'node:fs';
import { byteFigure, diskAt, folderBytes, type Disk } from './disk.ts';
import type { TrialDirectory } from './trial-directory.ts';
import type { Exit } from './trial-spec.ts';

/** Thrown when a training has no room; the text says which disk is full, and what to do. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

/** What a training finds free at its start: its tree, log, end and some output fit. */
const LEAST_BYTES = 200e6;
/** The same on a small disk, as a share of it. */
const LEAST_SHARE = 0.01;

const leastBytes = ({ totalBytes }: Disk): number => Math.min(LEAST_BYTES, totalBytes * LEAST_SHARE);

/** Whether a training could begin on this disk. */
export const hasRoom = (disk: Disk): boolean => disk.freeBytes >= leastBytes(disk);

/** Throws `DiskFull` when there is no room for a training in `folder`. */
export function expectRoom(folder: string): void {
  const disk = diskAt(folder);
  if (hasRoom(disk)) return;
  throw new DiskFull(
    `The disk of ${folder} is full: ${byteFigure(disk.freeBytes)} free, a training needs ${byteFigure(leastBytes(disk))}; ` +
      'make room there (`npx autoresearch doctor` shows what sessions take), then resume.',
  );
}

/**
 * Forgets a training that ended badly, or lost what it printed, on a disk that others filled: it had written less than
 * it was promised at its start. One that fills the disk itself has only itself to blame, and its end stands.
 * @throws DiskFull when the trial was forgotten; asked for again, it trains again.
 */
export function refuseSpoiled(directory: TrialDirectory, exit: Exit, maxLogBytes: number): void {
  if (existsSync(directory.pruned)) return; // cleared, its log too, because its verdict was recorded
  const disk = diskAt(directory.root);
  if (hasRoom(disk) || !(endedBadly(exit) || lostItsLog(directory, exit, maxLogBytes))) return;
  if (folderBytes(directory.out) >= leastBytes(disk)) return;
  rmSync(directory.exit, { force: true });
  expectRoom(directory.root);
}

const endedBadly = ({ reason, code }: Exit): boolean => reason === 'exited' && code !== 0;

/** Whether less is in the log than was printed; of a flood its head is kept, which is more than half. */
function lostItsLog({ log }: TrialDirectory, { logBytes }: Exit, maxLogBytes: number): boolean {
  const kept = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  return kept < Math.min(logBytes, maxLogBytes / 2);
}
