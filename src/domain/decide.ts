// Judges a candidate by the records of its trials and of the incumbent's. Everything here is a pure function of stored
// records: a replay or a crash gives the same verdict, and a session that is over can be judged again.
import type { Assessment } from './assessment.ts';
import { gainOver, scoreOf, valueOf } from './metric.ts';
import { mean, spreadOf, varianceOf } from './noise.ts';
import { kept, nextStep } from './sequential.ts';
import type { Rule } from './session.ts';
import { discarded, noiseOf, passed, remeasured, sentinel, type Candidacy, type Standing } from './standing.ts';
import { smallGain } from './least-gain.ts';
import type { Direction, Task } from './task.ts';
import { reasonOf } from './reason.ts';
import { figure } from './sentence.ts';

/** The version of the rules in this file; a record says by which it was judged. */
export const RULE_VERSION = 3;

/** What a decision needs to know of a trial. `value` is in the metric's own orientation, null when there is none. */
export interface JudgedTrial {
  readonly role: string;
  readonly value: number | null;
  readonly failure?: string | undefined;
  readonly failedCheck?: string | undefined;
  readonly missed?: number | undefined;
  readonly crash?: { readonly fault: 'idea' | 'machine' } | undefined;
}

/** Everything that a decision may look at. */
export interface Evidence {
  readonly rule: Rule;
  readonly direction: Direction;
  /** Of the incumbent, when the experiment began. */
  readonly standing: Standing;
  /** How many lines of code the candidate adds; negative: it is shorter. */
  readonly netLines: number;
  /** Of both arms, in their order. */
  readonly trials: readonly JudgedTrial[];
  /** Of the candidate's arm under earlier numbers, before any of these. */
  readonly pooled?: readonly JudgedTrial[] | undefined;
  /** What the task asks of a keep; absent: a gain that is real. */
  readonly least?: Task['metric']['least'];
}

/** A verdict on what was measured. `value` is the mean of the candidate's trials; both are null when it has none. */
export interface Judgement {
  readonly kind: 'verdict';
  readonly verdict: 'keep' | 'discard' | 'crash' | 'failed';
  readonly value: number | null;
  readonly gain: number | null;
  readonly reason: string;
  /** Absent under `greedy`, which weighs nothing. */
  readonly assessment?: Assessment;
  readonly nearMiss?: boolean;
}

/** Another trial of one arm, or how the experiment ended. */
export type Decision = { readonly kind: 'replicate'; readonly arm: 'candidate' | 'incumbent' } | Judgement;

/**
 * The next step of an experiment. `fast`, `default` and `strict` are the sequential rule (sequential.ts); `greedy` is
 * karpathy's loop as published: one trial, kept when better than the kept trial's own score. It takes noise for progress
 * (about one kept gain in three is none), which is why the noise stands beside every gain.
 */
export function decide(evidence: Evidence): Decision {
  const { rule, trials } = evidence;
  const trouble = troubleOf(evidence);
  if (trouble !== null) return trouble;
  const { standing, candidacy } = follow(evidence);
  const { scores, pooled } = candidacy;
  // However much is known of its arm: it has to show that it runs.
  const isFirst = scores.length === pooled;
  if (rule === 'greedy') return isFirst ? ONE_MORE : greedy(evidence, scores);
  if (sentinel(standing) !== null) return { kind: 'replicate', arm: 'incumbent' };
  if (isFirst) return ONE_MORE;
  const step = nextStep(standing, candidacy, rule);
  if (step.kind === 'trial') return { kind: 'replicate', arm: step.arm };
  const { verdict, assessment } = step;
  const own = trials.filter(({ role }) => role !== 'incumbent').length;
  const value = valueOf(mean(scores), evidence.direction);
  const small = verdict === 'keep' ? tooSmall(evidence, standing, assessment.gain) : null;
  return {
    kind: 'verdict',
    verdict: small === null ? verdict : 'discard',
    value,
    gain: assessment.gain,
    reason: reasonOf(step, { trials: own, pooled, small }),
    assessment,
    nearMiss: step.nearMiss || small !== null,
  };
}

/** Why a gain is worth no keep; null where it is. Less code that is not worse is worth one in any case. */
const tooSmall = ({ least, direction, netLines }: Evidence, { mean: score }: Standing, gain: number): string | null =>
  netLines < 0 ? null : smallGain({ least, gain, incumbent: valueOf(score, direction) });

const ONE_MORE = { kind: 'replicate', arm: 'candidate' } as const;

/** What is believed after an experiment: of the candidate where it was kept, of the incumbent otherwise. */
export function standingAfter(evidence: Evidence, isKept: boolean): Standing {
  const { standing, candidacy } = follow(evidence);
  const { scores } = candidacy;
  if (!isKept || scores.length === 0) return discarded(standing, candidacy);
  if (evidence.rule !== 'greedy') return kept(standing, candidacy);
  const [noise, n] = [noiseOf(standing), scores.length];
  const variance = (varianceOf(noise) ?? 0) / n;
  return {
    ...standing,
    mean: mean(scores),
    variance,
    trials: n,
    spread: spreadOf([]),
    noise,
    since: 0,
  };
}

/** The incumbent after its own trials among these, and the candidate so far. */
function follow({ standing, direction, netLines, trials, pooled: earlier = [] }: Evidence): {
  standing: Standing;
  candidacy: Required<Candidacy>;
} {
  const scores = earlier.flatMap(({ value, missed }) =>
    value === null || missed !== undefined ? [] : [scoreOf(value, direction)],
  );
  const candidacy = { scores, netLines, pooled: scores.length };
  const after = trials.reduce((so, { role, value, missed }) => {
    if (value === null) return so;
    const score = scoreOf(value, direction);
    // Also where it missed its target: that made it no faster, and an audit is due (search.ts).
    if (role === 'incumbent') return remeasured(sentinel(so) ?? so, score, candidacy);
    // How long a candidate took to get elsewhere says nothing of how soon it gets there, or of how that varies.
    if (missed === undefined) scores.push(score);
    return passed(so);
  }, standing);
  return { standing: after, candidacy };
}

/** What ends an experiment whatever its scores are. */
function troubleOf({ trials, pooled = [], direction, standing }: Evidence): Judgement | null {
  const own = trials.filter(({ role }) => role !== 'incumbent');
  const values = [...pooled, ...own].flatMap(({ value }) => value ?? []);
  const value = values.length === 0 ? null : mean(values);
  const gain = value === null ? null : gainOver(valueOf(standing.mean, direction), value, direction);
  const end = (verdict: Judgement['verdict'], reason: string): Judgement => ({
    kind: 'verdict',
    verdict,
    value,
    gain,
    reason,
  });
  const broken = trials.find((trial) => trial.value === null);
  const why = broken?.failure ?? 'no value';
  // Run again and spoiled again: that says nothing of the candidate.
  if (broken?.crash?.fault === 'machine') return end('failed', why);
  if (broken?.role === 'incumbent') return end('failed', `the incumbent's own trial gave no value: ${why}`);
  // A program that fails now and then is no better one; only a first trial says that it does not work at all.
  if (broken !== undefined)
    return values.length === 0 ? end('crash', why) : end('discard', `a later trial failed: ${why}`);
  const failed = own.find(({ failedCheck }) => failedCheck !== undefined);
  if (failed?.failedCheck === undefined) return null;
  const discard = end('discard', failed.failedCheck);
  // What did not get there gains nothing, however soon it ended.
  return failed.missed === undefined ? discard : { ...discard, gain: null };
}

function greedy(evidence: Evidence, scores: readonly number[]): Judgement {
  const { direction, standing } = evidence;
  const score = mean(scores);
  const gain = standing.mean - score;
  const variance = varianceOf(noiseOf(standing));
  const beside = variance === null ? 'noise unknown' : `noise ${figure(Math.sqrt(variance))}`;
  const small = gain > 0 ? tooSmall(evidence, standing, gain) : null;
  const verdict = gain > 0 && small === null ? 'keep' : 'discard';
  const spent = scores.length === 1 ? 'one trial' : `${scores.length} trials`;
  const comparison = gain > 0 ? 'better' : gain < 0 ? 'worse' : 'different by 0';
  return {
    kind: 'verdict',
    verdict,
    value: valueOf(score, direction),
    gain,
    reason: `${small === null ? '' : `${small}: `}${figure(Math.abs(gain))} ${comparison} than the incumbent in ${spent} (${beside})`,
  };
}
