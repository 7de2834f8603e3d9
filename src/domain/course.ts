// The course of a session's beliefs: what the calibration began, what each experiment changed, where a person moved the
// line. The running workflow takes these steps one by one; whoever reads a ledger takes them again, and believes the same.
//
// With several lanes experiments overlap. The steps are then their verdicts, in the order in which they fell (`order`
// of a record; its number where they came one after the other):
// - An experiment is judged by the course as it was when it began, whatever others found meanwhile.
// - Its verdict is a step from the course of that moment, though: what its trials tell of the noise, and of the incumbent
//   where that is still the one it began with, is added to what others told. What it measured of an incumbent that is
//   none any more tells nothing of the new one, and is left out.
// - Nothing is kept whose base is the incumbent no longer. So kept experiments are in the order of their numbers, each
//   made from the one before, and the kept line can be read without the order of the verdicts.
// - The line is moved by a person or an audit only while nothing is under way: what has a number up to the move's `after`
//   had its verdict before it.
import { beliefOf, type Belief } from './belief.ts';
import { standingAfter, type Evidence, type JudgedTrial } from './decide.ts';
import type { ExperimentRecord, Trial, Verdict } from './experiment.ts';
import type { BaselineEvent, MovedEvent } from './ledger.ts';
import { scoreOf } from './metric.ts';
import { priorPool, spreadOf } from './noise.ts';
import { RULES, type Rule } from './session.ts';
import { calibrated, noiseOf, type Standing } from './standing.ts';
import type { Direction } from './task.ts';

/** What a session believes at one moment. */
export interface Course {
  readonly baseline: Belief;
  readonly incumbent: Belief;
  /** Of the incumbent, as the verdict rule needs it. */
  readonly standing: Standing;
  /** How often the incumbent's commit was tried: its trials are numbered on from here. */
  readonly incumbentTrials: number;
  /** No experiment made the incumbent's commit: a person set the line to it, or the session set it back. */
  readonly isSet?: true;
}

/** The part of an experiment's record that beliefs hang on. */
export interface Tried {
  readonly experiment: number;
  readonly verdict: Verdict;
  readonly rule: string;
  readonly candidate: string | null;
  readonly netLines?: number | undefined;
  readonly order?: ExperimentRecord['order'];
  readonly trials: readonly (JudgedTrial & Pick<Trial, 'trial' | 'commit'>)[];
  readonly pooled?: readonly JudgedTrial[] | undefined;
}

/** Trials that had to be done again under another number; the rest of the number is what it stands for. */
export const RETRY_OFFSET = 1600;

/** What the calibration tells; null when no trial has a value. `guess` is the noise where the event names no prior. */
export function begin(
  { commit, trials, prior }: Pick<BaselineEvent, 'commit' | 'trials' | 'prior'>,
  direction: Direction,
  guess: number | null,
): Course | null {
  const scores = scoresOf(trials, direction);
  if (scores.length === 0) return null;
  const standing = calibrated(scores, priorPool(prior === undefined ? guess : prior));
  const baseline = beliefOf(standing, { commit, experiment: 0 }, direction);
  return { baseline, incumbent: baseline, standing, incumbentTrials: highest(trials) };
}

/** What an experiment's end changes, whatever its verdict; `course` is what is believed at that moment. */
export function advance(course: Course, tried: Tried, direction: Direction): Course {
  const { experiment, verdict, candidate } = tried;
  const now = course.incumbent.commit;
  const trials = tried.trials.filter(({ role, commit }) => role !== 'incumbent' || commit === now);
  const isKept = verdict === 'keep' && candidate !== null;
  const standing = standingAfter(evidenceOf(course, { ...tried, trials }, direction), isKept);
  if (isKept) {
    const incumbent = beliefOf(standing, { commit: candidate, experiment }, direction);
    const incumbentTrials = highest(trials.filter(({ role }) => role !== 'incumbent'));
    return { baseline: course.baseline, incumbent, standing, incumbentTrials };
  }
  const incumbent = beliefOf(standing, course.incumbent, direction);
  const own = trials.filter(({ role }) => role === 'incumbent');
  return {
    baseline: incumbent.commit === course.baseline.commit ? incumbent : course.baseline,
    incumbent,
    standing,
    incumbentTrials: Math.max(course.incumbentTrials, highest(own)),
    ...(course.isSet === true && { isSet: true }),
  };
}

/** Somebody set the kept line to another commit, which was measured as the baseline was; null when it has no value. */
export function moveTo(
  course: Course,
  { to, trials }: Pick<MovedEvent, 'to' | 'trials'>,
  direction: Direction,
): Course | null {
  const scores = scoresOf(trials, direction);
  if (scores.length === 0) return null;
  const standing = calibrated(scores, noiseOf(course.standing), course.standing.charged);
  const incumbent = beliefOf(standing, { commit: to, experiment: 0 }, direction);
  return { baseline: course.baseline, incumbent, standing, incumbentTrials: 0, isSet: true };
}

/** The line was set back to what `target` believed in, as the new commit `to`: that is believed again. */
export function rolledBack(course: Course, target: Course, to: string): Course {
  const { baseline, standing } = course;
  // What was learned of the noise since stays learned.
  const back = { ...target.standing, noise: noiseOf(standing), spread: spreadOf([]), charged: standing.charged };
  return { baseline, incumbent: { ...target.incumbent, commit: to }, standing: back, incumbentTrials: 0, isSet: true };
}

/** What an experiment's verdict was, or is to be, made of. */
export function evidenceOf(
  { standing }: Pick<Course, 'standing'>,
  { rule, netLines = 0, trials, pooled }: Pick<Tried, 'rule' | 'netLines' | 'trials' | 'pooled'>,
  direction: Direction,
): Evidence {
  return { rule: knownRule(rule), direction, standing, netLines, trials, pooled };
}

/** A ledger may have been written by a rule that this version does not know; its values are then taken as they are. */
const knownRule = (name: string): Rule => RULES.find((rule) => rule === name) ?? 'greedy';

/** Repeats with the same seed show the machine's noise, not the task's: they are no measurements of the commit. */
const scoresOf = (trials: readonly JudgedTrial[], direction: Direction): number[] =>
  trials.flatMap(({ role, value }) => (value === null || role === 'repeat' ? [] : [scoreOf(value, direction)]));

const highest = (trials: readonly Pick<Trial, 'trial'>[]): number =>
  trials.reduce((most, { trial }) => Math.max(most, trial % RETRY_OFFSET), 0);
