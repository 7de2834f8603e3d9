// The seed of a trial whose seed nobody may know beforehand: drawn where the trial runs, kept beside it, so that a
// training that has to be done again is the same one.
import { randomInt } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialDirectory } from './trial-directory.ts';

const LARGEST = 2 ** 31 - 1;

/** The seed of the trial in this directory, drawn at the first call; 31 bits. Of two first calls at once one wins. */
export function freshSeed({ root }: Pick<TrialDirectory, 'root'>): number {
  const path = join(root, 'seed');
  if (!existsSync(path)) {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const mine = `${path}.${process.pid}`;
    writeFileSync(mine, `${randomInt(LARGEST)}\n`, { mode: 0o600 });
    try {
      linkSync(mine, path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    } finally {
      rmSync(mine, { force: true });
    }
  }
  const seed = Number(readFileSync(path, 'utf8'));
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new Error(`Expected ${path} to hold a seed, got something else; remove the trial's folder.`);
}
