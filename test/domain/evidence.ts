// The evidence of an experiment on a baseline of 2 with a noise of about 0.02, for tests that care about a part of it.
import type { Evidence } from '../../src/domain/decide.ts';
import { priorPool } from '../../src/domain/noise.ts';
import { calibrated } from '../../src/domain/standing.ts';

/** Of the baseline. */
export const standing = calibrated([2.01, 1.99, 2, 2.02, 1.98], priorPool(0.02));

/** Nothing was tried yet, but for what is told otherwise. */
export const evidence = (more: Partial<Evidence>): Evidence => ({
  rule: 'default',
  direction: 'minimize',
  standing,
  netLines: 0,
  trials: [],
  ...more,
});

/** Trials of the candidate with these values. */
export const candidate = (...values: (number | null)[]) => values.map((value) => ({ role: 'candidate', value }));
