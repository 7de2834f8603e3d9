// Whether a machine is as fast as it was: the same code, on the same device with the same budget, must make the same
// number of steps in a second. A slower clock moves a metric more than most ideas do.
import type { Trial } from './experiment.ts';
import { mean, sampleSd } from './noise.ts';
import { figure } from './sentence.ts';

/** More than this between identical code is not chance on a device that nothing disturbs. */
const TOLERANCE = 0.02;
/** On one that is never quiet, so many times what it varies by itself is no chance. */
const SPREADS = 3;
/** Fewer do not tell how much it varies. */
const LEAST_EARLIER = 2;
/** With fewer steps one of them is more than half of that tolerance. */
const LEAST_STEPS = 100;

/** What is compared of a trial. */
export type Paced = Pick<Trial, 'commit' | 'hostId' | 'device' | 'budgetSeconds' | 'seconds' | 'steps'>;

/** Identical code that ran faster or slower than before, in steps per second. */
export interface Drift {
  readonly commit: string;
  readonly device: string;
  readonly before: number;
  readonly now: number;
  /** Positive is faster. */
  readonly change: number;
}

/**
 * Steps per second of a trial; null where it counts too few. A training that fills its budget is measured by that:
 * what it takes to start and to save is not the device's speed.
 */
export function stepsPerSecond({ steps, seconds, budgetSeconds }: Paced): number | null {
  const time = Math.min(seconds, budgetSeconds);
  return steps === undefined || steps < LEAST_STEPS || time <= 0 ? null : steps / time;
}

/**
 * Compares the last of these trials with the earlier ones of the same commit, device and budget. Undefined while there is
 * nothing to compare it with; null where no more than 2 % lie between them, or no more than is usual there.
 */
export function driftOf(trials: readonly Paced[]): Drift | null | undefined {
  const last = trials.at(-1);
  if (last === undefined) return undefined;
  const now = stepsPerSecond(last);
  const earlier = trials.slice(0, -1).filter((trial) => isLike(trial, last));
  const speeds = earlier.flatMap((trial) => stepsPerSecond(trial) ?? []);
  if (now === null || speeds.length < LEAST_EARLIER) return undefined;
  const before = mean(speeds);
  const change = now / before - 1;
  const usual = (SPREADS * (sampleSd(speeds) ?? 0)) / before;
  if (Math.abs(change) <= Math.max(TOLERANCE, usual)) return null;
  return { commit: last.commit, device: last.device, before, now, change };
}

const isLike = (left: Paced, right: Paced): boolean =>
  left.commit === right.commit &&
  left.hostId === right.hostId &&
  left.device === right.device &&
  left.budgetSeconds === right.budgetSeconds;

/** A drift in one sentence. */
export function driftSentence({ commit, device, before, now, change }: Drift): string {
  const how = change > 0 ? 'faster' : 'slower';
  const share = (100 * Math.abs(change)).toFixed(1);
  return `Drift: ${device} ran ${commit.slice(0, 7)} ${share} % ${how} than before: ${figure(now, 4)} steps per second, ${figure(before, 4)} before.`;
}
