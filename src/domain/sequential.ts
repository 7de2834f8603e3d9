// The sequential rule: after every trial of either arm, another trial or a verdict. Chosen by simulation over twelve
// others; what it does to a night of ideas, good and useless, is measured by `npm run bench -- nights`.
// All scores here are oriented so that lower is better.
import { pool, spreadOf, varianceOf, widen, type Pool, type Spread } from './noise.ts';
import { isBeyondDoubt, posterior, priceOf, type Posterior } from './posterior.ts';

/** How sure a keep must be: P(better) at least this. */
export const KEEP_AT = { fast: 0.65, default: 0.9, strict: 0.95 } as const;
export type SequentialRule = keyof typeof KEEP_AT;

/** A first trial that makes a worthwhile gain less likely than this is the last. */
const SCREEN = 0.2;
/** Later: when a worthwhile gain is less likely than this, no more time is spent. */
const HOPELESS = 0.1;
const MOST_TRIALS = 6;
/** The incumbent is measured again while its variance is above this share of one trial's, or of the candidate's mean. */
const INCUMBENT_SHARE = 0.2;
const MOST_INCUMBENT_TRIALS = 8;
/** An end without a keep that was close: probably better, by a little. */
const NEAR = { better: 0.6, gain: 0.15 };
/**
 * Less code is kept when it is not much worse. Simulated: a change that is 1 s worse then passes in 0.7 % of all cases; at
 * 0.80, as first designed, in 6.8 %.
 */
const SIMPLER = { bound: -0.25, keepAt: 0.9 };
/** After so many trials of others the incumbent may have drifted by this share of one trial's variance. */
const SENTINEL_AFTER = 20;
const DRIFT_SHARE = 0.02;
const EPSILON = 1e-9;

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
}

/** A candidate: its trials' scores in their order, and how many lines its code grew by. */
export interface Candidacy {
  readonly scores: readonly number[];
  readonly netLines: number;
}

/** What the trials so far add up to. */
export interface Assessment extends Pick<Posterior, 'better' | 'worthwhile'> {
  /** The shrunk gain in the metric's units, and the noise: sd of one trial, with its degrees of freedom. */
  readonly gain: number;
  readonly noise: number;
  readonly degrees: number;
}

/** Another trial of one arm, or the end. */
export type Step =
  | { readonly kind: 'trial'; readonly arm: 'candidate' | 'incumbent' }
  | {
      readonly kind: 'verdict';
      readonly verdict: 'keep' | 'discard';
      readonly why: 'better' | 'simpler' | 'screen' | 'hopeless' | 'trials';
      readonly nearMiss: boolean;
      readonly assessment: Assessment;
    };

/** The standing of a baseline after its calibration; `prior` is what is known of the noise before it. */
export function calibrated(scores: readonly number[], prior: Pool): Standing {
  const spread = spreadOf(scores);
  const variance = varianceOf(pool(prior, spread)) ?? 0;
  return {
    mean: spread.mean,
    variance: variance / scores.length,
    trials: scores.length,
    spread,
    noise: prior,
    since: 0,
  };
}

/** The next step of a candidate with at least one trial. */
export function nextStep(standing: Standing, candidacy: Candidacy, rule: SequentialRule): Step {
  if (isDeterministic(standing, candidacy)) return compared(standing, candidacy);
  const seen = look(standing, candidacy);
  const { assessment } = seen;
  const { scores, netLines } = candidacy;
  const end = (verdict: 'keep' | 'discard', why: Extract<Step, { kind: 'verdict' }>['why']): Step => {
    const nearMiss =
      verdict === 'discard' && assessment.better > NEAR.better && assessment.gain > NEAR.gain * assessment.noise;
    return { kind: 'verdict', verdict, why, nearMiss, assessment };
  };
  const isSimpler = netLines < 0;
  if (scores.length === 1) {
    if (!isSimpler && assessment.worthwhile < SCREEN) return end('discard', 'screen');
  } else {
    if (assessment.better >= KEEP_AT[rule]) return end('keep', 'better');
    if (isSimpler && seen.posterior.above(SIMPLER.bound) >= SIMPLER.keepAt) return end('keep', 'simpler');
    if (!isSimpler && assessment.worthwhile < HOPELESS) return end('discard', 'hopeless');
    if (scores.length >= MOST_TRIALS) return end('discard', 'trials');
  }
  return { kind: 'trial', arm: isIncumbentDue(standing, seen.s2, scores.length) ? 'incumbent' : 'candidate' };
}

/** The incumbent after another trial of it (a Kalman step: Kalman 1960). */
export function remeasured(standing: Standing, score: number, candidacy?: Candidacy): Standing {
  const spread = widen(standing.spread, score);
  const s2 = varianceOf(pool(standing.noise, spread, lateSpread(candidacy?.scores ?? []))) ?? 0;
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
export const discarded = (standing: Standing, { scores }: Candidacy): Standing => ({
  ...standing,
  noise: pool(standing.noise, lateSpread(scores)),
});

/** The standing with the candidate as incumbent: its score is believed to be what the posterior says, so shrunk. */
export function kept(standing: Standing, candidacy: Candidacy): Standing {
  const { scores } = candidacy;
  const [n, mean] = [scores.length, meanOf(scores)];
  const arm = { trials: n, spread: lateSpread(scores), noise: pool(standing.noise, standing.spread), since: 0 };
  if (isDeterministic(standing, candidacy)) return { ...arm, mean, variance: 0 };
  const { s2, s, posterior: seen, difference } = look(standing, candidacy);
  if (isBeyondDoubt(difference)) return { ...arm, mean, variance: s2 / n };
  const within = 1 / (1 / standing.variance + n / s2);
  const at = (gain: number): number => within * ((standing.mean - gain * s) / standing.variance + (n * mean) / s2);
  const believed = seen.expect(at);
  return { ...arm, mean: believed, variance: within + seen.expect((gain) => (at(gain) - believed) ** 2) };
}

/** Whether the incumbent has not been looked at for so long that it may have drifted; then its variance grows. */
export function sentinel(standing: Standing): Standing | null {
  if (standing.since < SENTINEL_AFTER) return null;
  const s2 = varianceOf(pool(standing.noise, standing.spread)) ?? 0;
  return { ...standing, variance: standing.variance + DRIFT_SHARE * s2 };
}

/** A trial of a candidate has passed. */
export const passed = (standing: Standing): Standing => ({ ...standing, since: standing.since + 1 });

interface Look {
  readonly s2: number;
  readonly s: number;
  readonly difference: number;
  readonly posterior: Posterior;
  readonly assessment: Assessment;
}

function look(standing: Standing, { scores, netLines }: Candidacy): Look {
  const pooled = pool(standing.noise, standing.spread, lateSpread(scores));
  const s2 = varianceOf(pooled) ?? 0;
  const s = Math.sqrt(s2);
  const mean = meanOf(scores);
  const difference = (standing.mean - mean) / s;
  const seen = posterior({
    difference,
    variance: 1 / scores.length + standing.variance / s2,
    degrees: pooled.degrees,
    price: priceOf(netLines),
  });
  const { better, worthwhile } = seen;
  const gain = isBeyondDoubt(difference) ? standing.mean - mean : s * seen.mean;
  return {
    s2,
    s,
    difference,
    posterior: seen,
    assessment: { better, worthwhile, gain, noise: s, degrees: pooled.degrees },
  };
}

/** A metric without noise needs no statistics: one repeat shows that it has none, then scores are compared. */
const isDeterministic = ({ noise, spread }: Standing, { scores }: Candidacy): boolean =>
  varianceOf(pool(noise, spread, lateSpread(scores))) === 0;

function compared(standing: Standing, { scores }: Candidacy): Step {
  if (scores.length === 1) return { kind: 'trial', arm: 'candidate' };
  const gain = standing.mean - meanOf(scores);
  const isBetter = gain > 0;
  const certain = isBetter ? 1 : 0;
  const assessment = { better: certain, worthwhile: certain, gain, noise: 0, degrees: standing.noise.degrees };
  const end = isBetter
    ? ({ verdict: 'keep', why: 'better' } as const)
    : ({ verdict: 'discard', why: 'hopeless' } as const);
  return { kind: 'verdict', ...end, nearMiss: false, assessment };
}

const meanOf = (scores: readonly number[]): number => spreadOf(scores).mean;

/** A first trial that passed the screen was lucky: counted, it would make the noise look half as large again. */
const lateSpread = (scores: readonly number[]): Spread => spreadOf(scores.slice(1));

/** The incumbent is worth another trial while it is the larger part of the doubt. */
function isIncumbentDue({ variance, trials }: Standing, s2: number, n: number): boolean {
  return trials < MOST_INCUMBENT_TRIALS && variance > s2 * Math.max(INCUMBENT_SHARE, 1 / n) * (1 + EPSILON);
}
