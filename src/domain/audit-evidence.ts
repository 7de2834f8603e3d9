// From an audit's trials to what judges a claim.
import type { AuditEvidence } from './audit.ts';
import { sdOf } from './belief.ts';
import type { Course } from './course.ts';
import type { Trial } from './experiment.ts';
import { gainOver, scoreOf } from './metric.ts';
import { noiseOf } from './standing.ts';
import type { Direction } from './task.ts';

/** What an audit needs of a trial. */
type Audited = Pick<Trial, 'commit' | 'value' | 'documents'>;

/** The evidence of a final audit; null when one of the two commits has no value. */
export function auditEvidence({
  course,
  trials,
  direction,
}: {
  readonly course: Course;
  readonly trials: readonly Audited[];
  readonly direction: Direction;
}): AuditEvidence | null {
  const { baseline, incumbent, standing } = course;
  const [before, after] = [baseline.commit, incumbent.commit].map((commit) =>
    trials.filter((trial) => trial.commit === commit && trial.value !== null),
  );
  if (before === undefined || after === undefined || before.length === 0 || after.length === 0) return null;
  const scores = (arm: readonly Audited[]) =>
    arm.flatMap(({ value }) => (value === null ? [] : [scoreOf(value, direction)]));
  return {
    baseline: scores(before),
    incumbent: scores(after),
    noise: sdOf(standing) ?? 0,
    degrees: noiseOf(standing).degrees,
    documentError: documentError(before, after),
    claimed: gainOver(baseline.value, incumbent.value, direction),
    baselineVariance: (baseline.stderr ?? 0) ** 2,
    incumbentVariance: (incumbent.stderr ?? 0) ** 2,
  };
}

/**
 * How far off the gain may be because the documents are few: the standard error of a ratio over clusters, each document's
 * sums of the one arm against the other's (Cochran, Sampling Techniques, 3rd ed., section 9.3A). 0 where the scorer does
 * not tell of documents.
 */
export function documentError(before: readonly Audited[], after: readonly Audited[]): number {
  const [one, other] = [meanSums(before), meanSums(after)];
  const count = Math.min(one.length, other.length);
  if (count < 2) return 0;
  const places = one.reduce((sum, { count: own }) => sum + own, 0);
  const differences = one.map(({ count: own, sum }, k) => ({ own, difference: sum - (other[k]?.sum ?? sum) }));
  const gain = differences.reduce((sum, { difference }) => sum + difference, 0) / places;
  const squares = differences.reduce((sum, { own, difference }) => sum + (difference - own * gain) ** 2, 0);
  return Math.sqrt((squares * count) / (count - 1)) / places;
}

/** Each document's places and its mean sum over an arm's trials. */
function meanSums(arm: readonly Audited[]): { readonly count: number; readonly sum: number }[] {
  const told = arm.flatMap(({ documents }) => (documents === undefined ? [] : [documents]));
  return (told[0] ?? []).map(([count], k) => ({
    count,
    sum: told.reduce((sum, documents) => sum + (documents[k]?.[1] ?? 0), 0) / told.length,
  }));
}
