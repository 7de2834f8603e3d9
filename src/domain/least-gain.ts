// What a keep has to gain at least, where the task says it: a number in the metric's units, or a share of the
// incumbent's value. It is about what a gain is worth, not about how sure it is: that is the rule's matter.
import type { Task } from './task.ts';
import { figure } from './sentence.ts';

/** Two numbers that differ by less than this share are one: a gain of exactly the least is enough. */
const EPSILON = 1e-9;

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
  const percent = typeof least === 'string' ? Number(least.replace('%', '')) : null;
  const most = percent === null ? Number(least) : (percent * Math.abs(incumbent)) / 100;
  if (gain >= most * (1 - EPSILON)) return null;
  const share = percent === null ? '' : `, ${percent} % of the incumbent's ${figure(incumbent, 4)}`;
  return `better, but by less than the ${figure(most)} that a keep has to gain here${share}`;
}
