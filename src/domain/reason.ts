// A verdict of the sequential rule in one sentence, with the numbers that it was made of.
import type { Step } from './sequential.ts';
import { figure } from './sentence.ts';

/** What the words need beside the verdict. */
interface Spent {
  /** Of the candidate, and so many of its arm before. */
  readonly trials: number;
  readonly pooled: number;
  /** Why its gain is worth no keep; null where it is. */
  readonly small: string | null;
}

const WORDS = {
  better: 'better',
  simpler: 'less code and not much worse',
  screen: 'hardly a gain worth having, after its first trial',
  hopeless: 'hardly a gain worth having',
  unequal: 'its trials differ, where every seed gave the incumbent the same: what that is worth nobody can tell',
  trials: 'still not sure to be better after the most trials that one candidate gets',
} as const;

/** Why the rule has decided so. */
export function reasonOf(
  { why, assessment, nearMiss }: Extract<Step, { kind: 'verdict' }>,
  { trials, pooled, small }: Spent,
): string {
  const { better, gain, low, high, noise } = assessment;
  const before = pooled === 0 ? '' : ` and ${pooled} of its arm before`;
  const spent = `${trials} ${trials === 1 ? 'trial' : 'trials'}${before}`;
  const measured = `gain ${figure(gain)} [${figure(low)}, ${figure(high)}], P(better) ${better.toFixed(2)}, ${spent}, noise ${figure(noise)}`;
  return `${small ?? WORDS[why]}${nearMiss || small !== null ? ', a near miss' : ''} (${measured})`;
}
