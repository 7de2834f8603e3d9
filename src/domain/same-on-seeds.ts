// Whether a program heeds its seed. One that does not gives the same score on every seed: its trials look like many and
// are one, so that the noise which the rule weighs a gain against is not there.
import type { Trial } from './experiment.ts';

/** What of a trial tells. */
type Seeded = Pick<Trial, 'seed' | 'value' | 'metrics'>;

/** The metrics in which trials with one seed differ, such as speeds: they tell nothing of a seed. */
export function unsteadyIn(trials: readonly Seeded[]): string[] {
  const pairs = pairsOf(trials).filter(([one, other]) => one.seed === other.seed);
  return [...new Set(pairs.flatMap(([one, other]) => differing(one, other)))];
}

/**
 * The value of trials on two seeds or more that are all exactly the same, in their metrics too but for those that are
 * unsteady; null where one differs. Two of several alike tell nothing: of an accuracy there are few values.
 */
export function sameOnSeeds(
  trials: readonly Seeded[],
  unsteady: readonly string[] = [],
): { readonly seeds: number; readonly value: number } | null {
  const seeds = new Set(trials.map(({ seed }) => seed)).size;
  const [first, ...others] = trials;
  if (first === undefined || first.value === null || seeds < 2) return null;
  return others.every((other) => isSame(first, other, unsteady)) ? { seeds, value: first.value } : null;
}

const isSame = (one: Seeded, other: Seeded, unsteady: readonly string[]): boolean =>
  one.value === other.value && differing(one, other).every((name) => unsteady.includes(name));

/** Whether trials on two seeds or more show that the seed matters to a score: no two seeds give the same. */
export const heedsSeed = (trials: readonly Seeded[], unsteady: readonly string[] = []): boolean =>
  new Set(trials.map(({ seed }) => seed)).size > 1 &&
  pairsOf(trials).every(([one, other]) => one.seed === other.seed || !isSame(one, other, unsteady));

const differing = ({ metrics: one }: Seeded, { metrics: other }: Seeded): string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => one[name] !== other[name]);

const pairsOf = <T>(all: readonly T[]): (readonly [T, T])[] =>
  all.flatMap((one, k) => all.slice(k + 1).map((other) => [one, other] as const));
