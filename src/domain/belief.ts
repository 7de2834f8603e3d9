import type { Direction } from './task.ts';
import { gainOver, valueOf } from './metric.ts';
import { varianceOf, Z95 } from './noise.ts';
import { noiseOf, type Standing } from './standing.ts';

/** What we believe of one commit's metric: value in the metric's own orientation, its standard error, trials behind it. */
export interface Belief {
  readonly commit: string;
  /** 0 for what no experiment made: the baseline, or what somebody set the kept line to. */
  readonly experiment: number;
  readonly value: number;
  readonly stderr: number | null;
  readonly trials: number;
}

/** A gain with its 95 % interval; the bounds are null while the noise is unknown. */
export interface ClaimedGain {
  readonly claimed: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The incumbent's claimed gain over the baseline, errors added in quadrature; exactly 0 while the baseline is the best.
 * What the sentinel's looks moved stays in it, though it may be the machine that drifted: booked apart, as first designed,
 * the claim of 1,500 simulated nights is 0.20 s too high instead of 0.12 s, and no better where a machine gets faster by
 * 1 s or 2 s, which is the drift that over-claims. An audit's fresh trials of both commits tell drift from gain.
 */
export function claimedGain(baseline: Belief, best: Belief, direction: Direction): ClaimedGain {
  if (best.commit === baseline.commit) return { claimed: 0, low: 0, high: 0 };
  const claimed = gainOver(baseline.value, best.value, direction);
  if (baseline.stderr === null || best.stderr === null) return { claimed, low: null, high: null };
  const margin = Z95 * Math.hypot(baseline.stderr, best.stderr);
  return { claimed, low: claimed - margin, high: claimed + margin };
}

/** A standing as people read it. */
export function beliefOf(
  standing: Standing,
  { commit, experiment }: Pick<Belief, 'commit' | 'experiment'>,
  direction: Direction,
): Belief {
  const { mean, variance, trials } = standing;
  const stderr = sdOf(standing) === null ? null : Math.sqrt(variance);
  return { commit, experiment, value: valueOf(mean, direction), stderr, trials };
}

/** The noise as it is known by now: standard deviation of one trial; null while nothing is known. */
export function sdOf(standing: Standing): number | null {
  const variance = varianceOf(noiseOf(standing));
  return variance === null ? null : Math.sqrt(variance);
}
