// What is believed of the incumbent at one moment, and how trials change that.
// All scores here are oriented so that lower is better.
import { NO_POOL, pool, spreadOf, varianceOf, widen, type Pool, type Spread } from './noise.ts';

/** After so many trials of others the incumbent may have drifted by this share of one trial's variance. */
const SENTINEL_AFTER = 20;
const DRIFT_SHARE = 0.02;

/** What is believed of the incumbent, and of the noise, at one moment. */
export interface Standing {
  /** Mean and variance of the incumbent's true score. */
  readonly mean: number;
  readonly variance: number;
  /** Trials of its tree, its candidacy's included. */
  readonly trials: number;
  /** Its trials that count for the noise. */
  readonly spread: Spread;
  /** The noise that everything before it told. */
  readonly noise: Pool;
  /** Trials of any kind since its last one. */
  readonly since: number;
  /** What shorter programs were allowed to cost so far in this session, in units of s. */
  readonly charged: number;
}

/** A candidate: its trials' scores in their order, and how many lines its code grew by. */
export interface Candidacy {
  readonly scores: readonly number[];
  readonly netLines: number;
  /** So many of the scores, the first ones, are of earlier numbers of its arm: what they tell of the noise is known. */
  readonly pooled?: number;
}

/**
 * The standing of a commit after its calibration; `prior` is what is known of the noise before it. A metric that gives
 * the same score for every seed has no noise, whatever was expected.
 */
export function calibrated(scores: readonly number[], prior: Pool, charged = 0): Standing {
  const spread = spreadOf(scores);
  const isExact = scores.length > 1 && spread.squares === 0;
  const noise = isExact ? NO_POOL : prior;
  const variance = varianceOf(pool(noise, spread)) ?? 0;
  return {
    mean: spread.mean,
    variance: variance / scores.length,
    trials: scores.length,
    spread,
    noise,
    since: 0,
    charged,
  };
}

/** The incumbent after another trial of it (a Kalman step: Kalman 1960); `candidacy` is what is being judged meanwhile. */
export function remeasured(standing: Standing, score: number, candidacy?: Candidacy): Standing {
  const spread = widen(standing.spread, score);
  const late = candidacy === undefined ? [] : [lateSpread(candidacy)];
  const s2 = varianceOf(pool(standing.noise, spread, ...late)) ?? 0;
  const trust = s2 === 0 ? 1 : standing.variance / (standing.variance + s2);
  return {
    ...standing,
    spread,
    mean: standing.mean + trust * (score - standing.mean),
    variance: standing.variance * (1 - trust),
    trials: standing.trials + 1,
    since: 0,
  };
}

/** The standing after a candidate that was not kept: its trials still tell of the noise. */
export const discarded = (standing: Standing, candidacy: Candidacy): Standing => ({
  ...standing,
  noise: pool(standing.noise, lateSpread(candidacy)),
});

/** Whether the incumbent has not been looked at for so long that it may have drifted; then its variance grows. */
export function sentinel(standing: Standing): Standing | null {
  if (standing.since < SENTINEL_AFTER) return null;
  return { ...standing, variance: standing.variance + DRIFT_SHARE * (varianceOf(noiseOf(standing)) ?? 0) };
}

/** A trial of a candidate has passed. */
export const passed = (standing: Standing): Standing => ({ ...standing, since: standing.since + 1 });

/** Everything that is known of the noise: squares and degrees of freedom, over the incumbent's trials and all before. */
export const noiseOf = ({ noise, spread }: Standing): Pool => pool(noise, spread);

/** A first trial that passed the screen was lucky: counted, it would make the noise look half as large again. */
export const lateSpread = ({ scores, pooled = 0 }: Candidacy): Spread => spreadOf(scores.slice(Math.max(1, pooled)));
