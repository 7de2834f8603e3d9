// When a trial is run again with its own seed: not to try its luck, but because the machine spoiled it. The run before
// stays in the record. A trial's directory is its key, so each run has a number of its own.
import type { Trial } from './experiment.ts';
import { overrunOf, type Usual } from './flags.ts';
import { gainOver } from './metric.ts';
import type { Task } from './task.ts';

/** After so many runs more, what the machine does to this trial it will do again: a person should look. */
const MOST_AFTER_FAULT = 2;
/** Once: what disturbs a device all night would else have everything trained three times. */
const MOST_AFTER_DISTURBANCE = 1;

/** Above every other number of a trial. */
const RERUN_OFFSET = 10_000_000_000;

/** A run of a trial that does not count. */
export type EarlierRun = NonNullable<Trial['earlier']>[number];

/** The number of a trial's k-th run, from 0. */
export const runNumber = (trial: number, k: number): number => trial + k * RERUN_OFFSET;

/** The number that a trial was asked for under, whichever run of it this is. */
export const askedNumber = (number: number): number => number % RERUN_OFFSET;

/** Whether a trial's number is that of a run again. */
export const isAgain = (number: number): boolean => number >= RERUN_OFFSET;

/** A trial's number as people read it: `3`, `3 again`. */
export function trialName(number: number): string {
  const k = Math.floor(number / RERUN_OFFSET);
  return !isAgain(number) ? String(number) : `${askedNumber(number)} again${k === 1 ? '' : ` (${k})`}`;
}

/**
 * Why a trial is to be run again, in one sentence; null when its result counts. `crowded`: on this device the last trial
 * that was run again for a disturbance was disturbed again, so that another run would only cost time.
 */
export function rerunReason(trial: Trial, earlier: readonly EarlierRun[], crowded: boolean): string | null {
  const faults = earlier.filter(({ fault }) => fault === 'machine').length;
  if (trial.crash?.fault === 'machine')
    return faults < MOST_AFTER_FAULT ? (trial.failure ?? "the machine's fault") : null;
  if (trial.disturbed === undefined || trial.value === null || crowded) return null;
  return earlier.length - faults < MOST_AFTER_DISTURBANCE ? trial.disturbed : null;
}

/** What is believed where a trial ran. */
export interface Believed {
  readonly usual: Usual | null;
  /** In the metric's orientation; null before there is one. */
  readonly incumbent: number | null;
  readonly direction: Task['metric']['direction'];
}

/**
 * Why a candidate's trial that overran its time is to be run again, in one sentence; null when its result counts. Once, and
 * only where it would be held against a gain: a busy machine makes a training late now and then, a trick every time.
 */
export function lateReason(
  trial: Trial,
  earlier: readonly EarlierRun[],
  { usual, incumbent, direction }: Believed,
): string | null {
  const { role, value } = trial;
  if (role !== 'candidate' || value === null || usual === null || incumbent === null) return null;
  if (earlier.some(({ fault }) => fault === 'disturbed') || gainOver(incumbent, value, direction) <= 0) return null;
  return overrunOf(usual, trial);
}

/** What the record keeps of a run that does not count. */
export function earlierRun({ trial, value, seconds, crash }: Trial, reason: string): EarlierRun {
  return { trial, value, seconds, reason, fault: crash?.fault === 'machine' ? 'machine' : 'disturbed' };
}

/** What a trial cost, its earlier runs included. */
export const secondsOf = ({ seconds, earlier = [] }: Pick<Trial, 'seconds' | 'earlier'>): number =>
  earlier.reduce((sum, run) => sum + run.seconds, seconds);
