// What the machine moves more than ideas do, a latency or a throughput, is measured beside the baseline's in the same
// trial: runs in blocks of baseline, candidate, candidate, baseline, so that a machine which gets slower all the while does
// that to both alike, and of each the median. The score is the logarithm of their ratio, 0 for what is no better than the
// baseline: so noise is a share, the same for a program that is ten times as fast.
//
// The baseline is the reference in all trials of a session. So every commit has a score on one scale, whichever incumbent
// it was made from, and nothing else in the program need know of pairs: the calibration measures the baseline against
// itself, an incumbent's belief is the mean of its own ratios, and audits, imports and `search` compare as ever.
import type { Task } from './task.ts';

/** Which of the two is run. */
export type Arm = 'baseline' | 'candidate';

/** Whose turn it is, run by run. */
export const turnsOf = (blocks: number): readonly Arm[] =>
  Array.from({ length: blocks }, (): Arm[] => ['baseline', 'candidate', 'candidate', 'baseline']).flat();

/** The middle value, the mean of the two in the middle where they are even; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

/** The score of a candidate with these runs beside the baseline's, all above 0; in the metric's own direction. */
export const logRatio = (candidate: readonly number[], baseline: readonly number[]): number =>
  Math.log(medianOf(candidate) / medianOf(baseline));

/**
 * What the scoring of a trial may take, in seconds: every run of the scorer twice, where it fails once, and the checks; with
 * pairs also the training of the baseline, which may take as long as the candidate's.
 */
export function scoringSeconds({ score, checks, train }: Task, trainSeconds = train.seconds): number {
  const pairs = score?.paired;
  const runs = pairs === undefined ? 1 : turnsOf(pairs).length;
  const training = pairs === undefined ? 0 : trainSeconds + train.startupSeconds;
  return 2 * runs * (score?.seconds ?? 0) + training + checks.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** How many times the baseline's a candidate's metric is. */
export const ratioOf = (score: number): number => Math.exp(score);
