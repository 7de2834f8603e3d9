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

/** Two seeds on which value and metrics are exactly the same, but for those that are unsteady; null without any. */
export function sameOnSeeds(
  trials: readonly Seeded[],
  unsteady: readonly string[] = [],
): { readonly seeds: readonly [number, number]; readonly value: number } | null {
  for (const [one, other] of pairsOf(trials)) {
    if (one.seed === other.seed || one.value === null || one.value !== other.value) continue;
    if (differing(one, other).every((name) => unsteady.includes(name)))
      return { seeds: [one.seed, other.seed], value: one.value };
  }
  return null;
}

/** Whether trials on two seeds or more show that the seed matters to a score. */
export const heedsSeed = (trials: readonly Seeded[], unsteady: readonly string[] = []): boolean =>
  new Set(trials.map(({ seed }) => seed)).size > 1 && sameOnSeeds(trials, unsteady) === null;

const differing = ({ metrics: one }: Seeded, { metrics: other }: Seeded): string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => one[name] !== other[name]);

const pairsOf = <T>(all: readonly T[]): (readonly [T, T])[] =>
  all.flatMap((one, k) => all.slice(k + 1).map((other) => [one, other] as const));
