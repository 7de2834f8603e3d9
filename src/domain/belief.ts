import type { Direction } from './task.ts';
import type { Trial } from './experiment.ts';
import type { MovedEvent } from './ledger.ts';
import { gainOver } from './metric.ts';
import { mean, noiseOf } from './noise.ts';

/** What we believe of one commit's metric: value in the metric's own orientation, its standard error, trials behind it. */
export interface Belief {
  readonly commit: string;
  /** 0 for what no experiment made: the baseline, or what somebody set the kept line to. */
  readonly experiment: number;
  readonly value: number;
  readonly stderr: number | null;
  readonly trials: number;
}

/** Two-sided 95 % of a normal distribution. */
const Z95 = 1.96;

/** A gain with its 95 % interval; the bounds are null while the noise is unknown. */
export interface ClaimedGain {
  readonly claimed: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The incumbent's claimed gain over the baseline, errors added in quadrature; exactly 0 while the baseline is the best. */
export function claimedGain(baseline: Belief, best: Belief, direction: Direction): ClaimedGain {
  if (best.commit === baseline.commit) return { claimed: 0, low: 0, high: 0 };
  const claimed = gainOver(baseline.value, best.value, direction);
  if (baseline.stderr === null || best.stderr === null) return { claimed, low: null, high: null };
  const margin = Z95 * Math.hypot(baseline.stderr, best.stderr);
  return { claimed, low: claimed - margin, high: claimed + margin };
}

/** What a baseline's trials tell: the belief, the noise (sd of one trial) and the tier. */
export interface BaselineMeasure {
  readonly belief: Belief;
  readonly noise: number | null;
  readonly tier: 'A' | 'B';
}

/** Measures the baseline by its trials; null when none has a value. `guess` is the task file's first guess of noise. */
export function measureBaseline(commit: string, trials: readonly Trial[], guess?: number): BaselineMeasure | null {
  const values = trials.flatMap((trial) => (trial.value === null ? [] : [trial.value]));
  if (values.length === 0) return null;
  const noise = noiseOf(values, guess);
  const tier = trials.every((trial) => trial.tier === 'A') ? 'A' : 'B';
  return {
    belief: beliefIn({ commit, experiment: 0, value: mean(values), noise, trials: values.length }),
    noise,
    tier,
  };
}

/** What is believed of a commit that somebody set the kept line to; null when no trial of it has a value. */
export function beliefAfter({ to, trials }: Pick<MovedEvent, 'to' | 'trials'>, noise: number | null): Belief | null {
  const values = trials.flatMap((trial) => (trial.value === null ? [] : [trial.value]));
  if (values.length === 0) return null;
  return beliefIn({ commit: to, experiment: 0, value: mean(values), noise, trials: values.length });
}

/** A belief from a mean of trials under this noise. */
export function beliefIn(measured: {
  commit: string;
  experiment: number;
  value: number;
  noise: number | null;
  trials: number;
}): Belief {
  const { noise, ...rest } = measured;
  return { ...rest, stderr: noise === null ? null : noise / Math.sqrt(rest.trials) };
}
