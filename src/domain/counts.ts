import type { Verdict } from './experiment.ts';

/** Experiments by verdict. `total` counts those that trained, so not the dropped ones. */
export interface Counts {
  readonly total: number;
  readonly kept: number;
  readonly discarded: number;
  readonly crashed: number;
  readonly quarantined: number;
  readonly failed: number;
  readonly undecided: number;
  readonly dropped: number;
}

/** No experiment yet. */
export const NO_COUNTS: Counts = {
  total: 0,
  kept: 0,
  discarded: 0,
  crashed: 0,
  quarantined: 0,
  failed: 0,
  undecided: 0,
  dropped: 0,
};

const COUNTER = {
  keep: 'kept',
  discard: 'discarded',
  crash: 'crashed',
  quarantine: 'quarantined',
  failed: 'failed',
  undecided: 'undecided',
  dropped: 'dropped',
} as const satisfies Record<Verdict, keyof Counts>;

/** The counts after one more experiment, or after one less. */
export function count(counts: Counts, verdict: Verdict, more: 1 | -1 = 1): Counts {
  const name = COUNTER[verdict];
  return { ...counts, [name]: counts[name] + more, total: counts.total + (verdict === 'dropped' ? 0 : more) };
}
