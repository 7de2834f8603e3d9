import type { Trial } from './experiment.ts';

/** The tier of a number that these trials gave: A where all that have a value are; null where none has. */
export function tierOfTrials(trials: readonly Pick<Trial, 'value' | 'tier'>[]): Trial['tier'] | null {
  const valued = trials.filter(({ value }) => value !== null);
  if (valued.length === 0) return null;
  return valued.every(({ tier }) => tier === 'A') ? 'A' : 'B';
}
