// A task with a `target` asks how soon a training gets there: the seconds that its supervisor measured are the score, and
// what the scorer says only decides whether they count.
//
// Every trial that counts has to reach the target: the baseline's, a candidate's, and in an audit the best's. The first
// miss ends a candidate. Where a mean has to be there (nanochat), or is to be there with p < 0.01 (modded-nanogpt,
// https://github.com/KellerJordan/modded-nanogpt), a record has many runs behind it. A keep has two or three, of which no
// such test could tell: with two, their mean would have to lie 32 standard errors on the right side. Each run of its own
// asks for no estimate of how the value varies. A program that gets there half of the time passes two trials in one case
// of four; with the four of an audit on the way in one of 64, with the eight at the end in one of 1,024.
import type { Trial } from './experiment.ts';
import { scoreOf, valueOf } from './metric.ts';
import { figure } from './sentence.ts';
import { SECONDS, TARGET, type Direction, type Task } from './task.ts';

/** A value to be reached, and in which direction it lies; `text` as the task has it. */
export interface Target {
  readonly metric: string;
  readonly direction: Direction;
  readonly value: number;
  readonly text: string;
}

/** The target of a task; undefined for one that trains for a fixed time. */
export function targetOf({ target: text }: Pick<Task, 'target'>): Target | undefined {
  const [, metric, sign, value] = TARGET.exec(text ?? '') ?? [];
  if (text === undefined || metric === undefined) return undefined;
  return { metric, direction: sign === '>=' ? 'maximize' : 'minimize', value: Number(value), text };
}

/** The number that a scorer, or without one the training, is asked for, and what knowing nothing scores of it. */
export function askedMetric(
  task: Pick<Task, 'metric' | 'target'>,
): Pick<Task['metric'], 'name' | 'direction' | 'untrained'> {
  const [{ metric }, target] = [task, targetOf(task)];
  return target === undefined ? metric : { ...metric, name: target.metric, direction: target.direction };
}

/** What a trial says of that number; null where it has no value. */
export function askedValue(
  task: Pick<Task, 'metric' | 'target'>,
  { value, metrics }: { readonly value: number | null; readonly metrics: Readonly<Record<string, number>> },
): number | null {
  return targetOf(task) === undefined ? value : (metrics[askedMetric(task).name] ?? null);
}

/** Trials with that number as their value. */
export const asAsked = (task: Pick<Task, 'metric' | 'target'>, trials: readonly Trial[]): Trial[] =>
  trials.map((trial) => ({ ...trial, value: askedValue(task, trial) }));

/** The part of a trial that says how soon it ended, and by how much it missed the target where it did. */
export interface Timed {
  readonly value: number;
  readonly metrics: Record<string, number>;
  readonly missed?: number;
}

/** A training that took so many seconds to reach this value. What anybody prints as its seconds does not count. */
export function timed(target: Target, { value: reached, metrics }: Told, seconds: number): Timed {
  const missed = shortOf(target, reached);
  const told = { ...metrics, [target.metric]: reached, [SECONDS]: seconds };
  return { value: seconds, metrics: told, ...(missed > 0 && { missed }) };
}

/** What a scorer said. */
interface Told {
  readonly value: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** By how much a value misses a target; not above 0 where it reaches it. */
const shortOf = ({ direction, value }: Target, reached: number): number =>
  scoreOf(reached, direction) - scoreOf(value, direction);

/** How far from its target a trial was, in one sentence; undefined where it got there. */
export function missOf(
  target: Target | undefined,
  { missed, metrics }: Pick<Trial, 'missed' | 'metrics'>,
): string | undefined {
  if (target === undefined || missed === undefined) return undefined;
  const { direction, value, metric, text } = target;
  const reached = valueOf(scoreOf(value, direction) + missed, direction);
  // Where it did get there on the data that decisions are made on, the others are meant.
  const where = shortOf(target, metrics[metric] ?? reached) > 0 ? '' : ' on sealed data';
  return `reached ${figure(reached, 6)}, ${figure(missed)} short of ${text}${where}`;
}

/** Whether an experiment's candidate was anywhere but at the target: how soon says nothing of it then. */
export const hasMissed = ({ trials }: { readonly trials: readonly Pick<Trial, 'role' | 'missed'>[] }): boolean =>
  trials.some(({ role, missed }) => role === 'candidate' && missed !== undefined);

/** Why a trial has no value that others can be judged against, in one sentence; undefined where it has one. */
export function whyNoValue(task: Pick<Task, 'target'>, trial: Trial): string | undefined {
  if (trial.value === null) return trial.failure ?? 'no reason given';
  return missOf(targetOf(task), trial) ?? trial.failedCheck;
}
