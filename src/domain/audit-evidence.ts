// From an audit's trials to what judges a claim.
import { ROUNDING, type AuditEvidence } from './audit.ts';
import type { Course } from './course.ts';
import type { Trial } from './experiment.ts';
import { gainOver, scoreOf } from './metric.ts';
import { NO_POOL, pool, spreadOf, spreadsMore, varianceOf, type Pool } from './noise.ts';
import { noiseOf } from './standing.ts';
import type { Direction, Task } from './task.ts';

/** What an audit needs of a trial. */
export type Audited = Pick<Trial, 'value' | 'documents' | 'missed' | 'crash'>;

/** A claim, and what was measured of both its ends. */
export interface AuditArms {
  readonly course: Course;
  /** Of the baseline. */
  readonly before: readonly Audited[];
  /** Of what is believed to be better. */
  readonly after: readonly Audited[];
  readonly split: 'sealed' | 'val';
  readonly direction: Direction;
}

/** A share of one trial's noise that the choice of documents may add before it is said. */
const FEW = 0.5;

/** A sentence where the audited data are so few that single documents move a gain as much as seeds do; null otherwise. */
export function fewDocuments({ documentError: error, noise }: AuditEvidence): string | null {
  if (noise === 0 || error <= FEW * noise) return null;
  return 'The data that audits are made on are few: which documents they are moves a gain by more than half the noise of a trial.';
}

/** Whether it has no value by its own fault; of older device workers nobody knows whose it was. */
const hasCrashed = ({ value, crash }: Audited): boolean => value === null && crash?.fault === 'idea';

/**
 * The evidence of an audit; null when the baseline has no value, or the incumbent neither a value nor a crash of its own.
 * A baseline's trial that missed the target says nothing of how soon it gets there, and one that crashed nothing at all;
 * those of the incumbent are counted, and fail the claim.
 */
export function auditEvidence({ course, before, after, split, direction }: AuditArms): AuditEvidence | null {
  const { baseline, incumbent, standing } = course;
  const scores = (arm: readonly Audited[]) =>
    arm.flatMap(({ value }) => (value === null ? [] : [scoreOf(value, direction)]));
  const [first, second] = [scores(before.filter(({ missed }) => missed === undefined)), scores(after)];
  const crashed = after.filter(hasCrashed).length;
  if (first.length === 0 || second.length + crashed === 0) return null;
  const noise = noiseAmong(noiseOf(standing), first, second);
  return {
    baseline: first,
    incumbent: second,
    noise: Math.sqrt(varianceOf(noise) ?? 0),
    degrees: noise.degrees,
    documentError: documentError(before, after),
    sameData: split === 'val',
    claimed: gainOver(baseline.value, incumbent.value, direction),
    baselineVariance: (baseline.stderr ?? 0) ** 2,
    incumbentVariance: (incumbent.stderr ?? 0) ** 2,
    missed: after.filter(({ missed }) => missed !== undefined).length,
    crashed,
  };
}

/**
 * The session's noise; but the audit's own where that is clearly more, as on data that are too few or with a scorer that
 * is not sure of itself there, and where a session that measured its baseline once knows of none.
 */
function noiseAmong(known: Pool, ...arms: readonly (readonly number[])[]): Pool {
  const own = pool(NO_POOL, ...arms.map((scores) => spreadOf(scores)));
  if (known.degrees === 0) return own;
  const size = Math.max(...arms.flat().map((score) => Math.abs(score)));
  const isRounding = Math.sqrt(varianceOf(own) ?? 0) <= ROUNDING * size;
  return !isRounding && spreadsMore(own, known) ? own : known;
}

/** The data that a task's claims are audited on. */
export const splitOf = ({ score }: Pick<Task, 'score'>): 'sealed' | 'val' =>
  score?.sealed === true ? 'sealed' : 'val';

/** What a baseline's trials give audits on the way to compare with; none where its sealed score was not asked for. */
export function auditBaselineOf(trials: readonly Trial[], split: 'sealed' | 'val'): readonly Audited[] {
  const own = trials.filter(({ role, value }) => role === 'baseline' && value !== null);
  return split === 'val' ? own.map(({ value }) => ({ value })) : own.flatMap(({ sealed }) => sealed ?? []);
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
