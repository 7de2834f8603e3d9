import { gainOver } from './metric.ts';
import { mean } from './noise.ts';
import type { Direction } from './task.ts';

/** Everything that a decision may look at: values in the metric's own orientation, null for a trial without one. */
export interface Evidence {
  readonly rule: 'greedy';
  readonly direction: Direction;
  readonly incumbent: number;
  readonly noise: number | null;
  readonly trials: readonly {
    readonly value: number | null;
    readonly failure?: string | undefined;
    readonly failedCheck?: string | undefined;
  }[];
}

/** Another trial, or how the experiment ended. `value` and `gain` are the candidate's, null when it has none. */
export type Decision =
  | { readonly kind: 'replicate'; readonly arm: 'candidate' | 'incumbent' }
  | {
      readonly kind: 'verdict';
      readonly verdict: 'keep' | 'discard' | 'crash';
      readonly value: number | null;
      readonly gain: number | null;
      readonly reason: string;
    };

/**
 * Judges a candidate by the records of its trials. A pure function, so that a replay gives the same verdict.
 * `greedy` is karpathy's loop as published: one trial, kept when better than the kept trial's own score; it takes noise
 * for progress (about one kept gain in three is none), which is why the noise stands beside every gain.
 */
export function decide(evidence: Evidence): Decision {
  if (evidence.trials.length === 0) return { kind: 'replicate', arm: 'candidate' };
  const values: number[] = [];
  for (const trial of evidence.trials) {
    if (trial.value === null) return crash(trial.failure);
    values.push(trial.value);
  }
  const value = mean(values);
  const gain = gainOver(evidence.incumbent, value, evidence.direction);
  const failedCheck = evidence.trials.find((trial) => trial.failedCheck !== undefined)?.failedCheck;
  if (failedCheck !== undefined) return { kind: 'verdict', verdict: 'discard', value, gain, reason: failedCheck };
  const beside = evidence.noise === null ? 'noise unknown' : `noise ${round(evidence.noise)}`;
  const verdict = gain > 0 ? 'keep' : 'discard';
  const comparison = gain > 0 ? 'better' : gain < 0 ? 'worse' : 'different by 0';
  return {
    kind: 'verdict',
    verdict,
    value,
    gain,
    reason: `${round(Math.abs(gain))} ${comparison} than the incumbent in one trial (${beside})`,
  };
}

function crash(failure: string | undefined): Decision {
  return { kind: 'verdict', verdict: 'crash', value: null, gain: null, reason: failure ?? 'no value' };
}

/** Four significant digits, for sentences. */
function round(value: number): string {
  return String(Number(value.toPrecision(4)));
}
