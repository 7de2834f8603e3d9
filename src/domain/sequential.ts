// The sequential rule: after every trial of either arm, another trial or a verdict. Chosen by simulation over twelve
// others; what it does to a night of ideas, good and useless, is measured by `npm run bench -- nights`.
// All scores here are oriented so that lower is better.
import { mean as meanOf, pool, varianceOf } from './noise.ts';
import { look, type Assessment } from './assessment.ts';
import { isBeyondDoubt } from './posterior.ts';
import { lateSpread, noiseOf, type Candidacy, type Standing } from './standing.ts';

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
/** What all shorter programs of a session may cost together, in units of s. */
const MOST_CHARGED = 0.5;
const EPSILON = 1e-9;

/** Another trial of one arm, or the end. */
export type Step =
  | { readonly kind: 'trial'; readonly arm: 'candidate' | 'incumbent' }
  | {
      readonly kind: 'verdict';
      readonly verdict: 'keep' | 'discard';
      readonly why: 'better' | 'simpler' | 'screen' | 'hopeless' | 'trials' | 'unequal';
      readonly nearMiss: boolean;
      readonly assessment: Assessment;
    };

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
  // Only while the session's allowance lasts: many small losses would add up to a large one.
  const isSimpler = netLines < 0 && standing.charged + chargeOf(assessment) <= MOST_CHARGED;
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

/** The standing with the candidate as incumbent: its score is believed to be what the posterior says, so shrunk. */
export function kept(standing: Standing, candidacy: Candidacy): Standing {
  const { scores } = candidacy;
  const [n, mean] = [scores.length, meanOf(scores)];
  const before = { trials: n, spread: lateSpread(candidacy), noise: noiseOf(standing), since: 0 };
  const { charged } = standing;
  if (isDeterministic(standing, candidacy)) return { ...before, charged, mean, variance: 0 };
  const { s2, s, posterior: seen, difference, assessment } = look(standing, candidacy);
  const arm = { ...before, charged: charged + chargeOf(assessment) };
  if (isBeyondDoubt(difference)) return { ...arm, mean, variance: s2 / n };
  const within = 1 / (1 / standing.variance + n / s2);
  const at = (gain: number): number => within * ((standing.mean - gain * s) / standing.variance + (n * mean) / s2);
  const believed = seen.expect(at);
  return { ...arm, mean: believed, variance: within + seen.expect((gain) => (at(gain) - believed) ** 2) };
}

/** What a keep is believed to cost, in units of s: nothing where it gains. */
const chargeOf = ({ gain, noise }: Assessment): number => Math.max(0, -gain / noise);

/** A metric without noise needs no statistics: one repeat shows that it has none, then scores are compared. */
const isDeterministic = ({ noise, spread }: Standing, candidacy: Candidacy): boolean =>
  varianceOf(pool(noise, spread, lateSpread(candidacy))) === 0;

function compared(standing: Standing, { scores }: Candidacy): Step {
  const [first] = scores;
  if (scores.length === 1) return { kind: 'trial', arm: 'candidate' };
  const gain = standing.mean - meanOf(scores);
  // An idea that brought chance into a metric without any: of how much, nothing is known.
  const isEqual = scores.every((score) => score === first);
  const isBetter = isEqual && gain > 0;
  const certain = isBetter ? 1 : 0;
  const assessment = {
    better: certain,
    worthwhile: certain,
    gain,
    low: gain,
    high: gain,
    noise: 0,
    degrees: standing.noise.degrees,
  };
  const end = isBetter
    ? ({ verdict: 'keep', why: 'better' } as const)
    : ({ verdict: 'discard', why: isEqual ? 'hopeless' : 'unequal' } as const);
  return { kind: 'verdict', ...end, nearMiss: false, assessment };
}

/** The incumbent is worth another trial while it is the larger part of the doubt. */
function isIncumbentDue({ variance, trials }: Standing, s2: number, n: number): boolean {
  return trials < MOST_INCUMBENT_TRIALS && variance > s2 * Math.max(INCUMBENT_SHARE, 1 / n) * (1 + EPSILON);
}
