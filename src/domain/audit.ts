// The audit: is a claimed gain there on data that the search never used, with seeds that it never saw? Evaluation design,
// section 3. Scores are oriented so that lower is better; a gain is positive when better.
import { mean, Z95 } from './noise.ts';

/** What an audit has measured. */
export interface AuditEvidence {
  /** Scores of the baseline and of the incumbent on the audit's data, each trial with a seed of its own. */
  readonly baseline: readonly number[];
  readonly incumbent: readonly number[];
  /** The noise: sd of one trial, with its degrees of freedom. */
  readonly noise: number;
  readonly degrees: number;
  /** Standard error of the gain for want of more documents; 0 where the scorer does not tell. */
  readonly documentError: number;
  /** What the session claims, and the variances of the two beliefs that the claim is made of. */
  readonly claimed: number;
  /** Whether the claim was made on the very data that it is audited on. */
  readonly sameData: boolean;
  readonly baselineVariance: number;
  readonly incumbentVariance: number;
  /** How many trials of the incumbent missed the task's target. */
  readonly missed: number;
  /** How many of them gave no value by its own fault. */
  readonly crashed: number;
}

/**
 * What an audit says. `gain` is the headline; `z` is how many standard errors the claim lies above it. All null where
 * every trial of the incumbent crashed.
 */
export interface AuditResult {
  readonly gain: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly stderr: number | null;
  readonly z: number | null;
  readonly passed: boolean;
}

const NOTHING_MEASURED = { gain: null, low: null, high: null, stderr: null, z: null } as const;

/** When a claim is audited. */
export const AUDIT_MOMENTS = ['on the way', 'before a keep', 'asked', 'end'] as const;
/** One of the four. */
export type AuditMoment = (typeof AUDIT_MOMENTS)[number];

/** An over-claim of so many standard errors fails. Of eight trials each one of 2 s is found in two of three cases. */
const FAILS_ABOVE = { 'on the way': 2.5, 'before a keep': 2.5, asked: 2, end: 2 } as const;

/**
 * Judges a claim by the audit's own measurements; the baseline needs at least one score. What misses its target in any of
 * its trials is not what was claimed, however soon it ends; nor is what crashes in any: who could tell an audit from other
 * trials would leave no value there but a good one.
 */
export function judgeClaim(evidence: AuditEvidence, moment: AuditMoment): AuditResult {
  const { baseline, incumbent, noise, degrees, documentError, claimed } = evidence;
  if (incumbent.length === 0) return { ...NOTHING_MEASURED, passed: false };
  const gain = mean(baseline) - mean(incumbent);
  const stderr = Math.sqrt(noise ** 2 * (1 / baseline.length + 1 / incumbent.length) + documentError ** 2);
  const doubt = Math.sqrt(stderr ** 2 + evidence.baselineVariance + evidence.incumbentVariance);
  const z = doubt === 0 ? (isThere(evidence, gain) ? 0 : CERTAIN_Z) : (claimed - gain) / doubt;
  const margin = t95(degrees) * stderr;
  return {
    gain,
    low: gain - margin,
    high: gain + margin,
    stderr,
    z,
    passed: z <= FAILS_ABOVE[moment] && evidence.missed === 0 && evidence.crashed === 0,
  };
}

/** Where a metric has no noise, a claim that is not there is as many standard errors away as one likes. */
const CERTAIN_Z = 1e9;
/** Of numbers that were added up in another order, as a share of them. */
export const ROUNDING = 1e-9;

/** Without noise the same data give the same gain; of other data no more can be asked than that there is one. */
function isThere({ claimed, sameData }: AuditEvidence, gain: number): boolean {
  if (!sameData) return gain > 0;
  return claimed - gain <= ROUNDING * Math.max(Math.abs(claimed), Math.abs(gain));
}

/** The two-sided 95 % point of Student's t, by the expansion in M. Abramowitz and I. Stegun 1964, 26.7.5. */
export function t95(degrees: number): number {
  const [x, n] = [Z95, Math.max(1, degrees)];
  return (
    x +
    (x ** 3 + x) / (4 * n) +
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / (96 * n ** 2) +
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / (384 * n ** 3) +
    (79 * x ** 9 + 776 * x ** 7 + 1482 * x ** 5 - 1920 * x ** 3 - 945 * x) / (92160 * n ** 4)
  );
}
