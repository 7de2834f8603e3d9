// The seed of a trial whose seed nobody may know beforehand: drawn where the trial runs, kept beside it, so that a
// training that has to be done again is the same one.
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { writeOnce } from '../write-once.ts';
import type { TrialDirectory } from './trial-directory.ts';

const LARGEST = 2 ** 31 - 1;

/** The seed of the trial in this directory, drawn at the first call; 31 bits. */
export function freshSeed({ root }: Pick<TrialDirectory, 'root'>): number {
  const path = join(root, 'seed');
  const seed = Number(writeOnce(path, () => `${randomInt(LARGEST)}\n`).toString('utf8'));
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new Error(`Expected ${path} to hold a seed, got something else; remove the trial's folder.`);
}
