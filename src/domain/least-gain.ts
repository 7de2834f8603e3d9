// What a keep has to gain at least, where the task says it: a number in the metric's units, or a share of the
// incumbent's value. It is about what a gain is worth, not about how sure it is: that is the rule's matter.
import type { Task } from './task.ts';
import { figure } from './sentence.ts';

/** Two numbers that differ by less than this share are one: a gain of exactly the least is enough. */
const EPSILON = 1e-9;

/**
 * What a task asks of a gain. Of a score that is a log ratio to the baseline's (`score.paired`) a share is a number of its
 * own: 1 % of any incumbent is 0.01 of its logarithm.
 */
export function leastOf({ metric: { least }, score }: Pick<Task, 'metric' | 'score'>): Gained['least'] {
  return score?.paired !== undefined && typeof least === 'string' ? shareOf(least) : least;
}

const shareOf = (percent: string): number => Number(percent.replace('%', '')) / 100;

/** A gain to weigh, in the metric's units. */
export interface Gained {
  readonly least: Task['metric']['least'];
  readonly gain: number;
  /** The incumbent's value. */
  readonly incumbent: number;
}

/** Why a gain is worth no keep, as the beginning of a sentence; null where it is, or where the task does not say. */
export function smallGain({ least, gain, incumbent }: Gained): string | null {
  if (least === undefined) return null;
  const part = typeof least === 'string' ? shareOf(least) : null;
  const most = part === null ? Number(least) : part * Math.abs(incumbent);
  if (gain >= most * (1 - EPSILON)) return null;
  const share = part === null ? '' : `, ${figure(100 * part)} % of the incumbent's ${figure(incumbent, 4)}`;
  return `better, but by less than the ${figure(most)} that a keep has to gain here${share}`;
}
