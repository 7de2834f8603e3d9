// Tree-structured Parzen estimator: J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, "Algorithms for Hyper-Parameter
// Optimization", NeurIPS 2011, section 4. The observations are cut at a quantile into good and bad; each side becomes a
// density, l and g; values are drawn from l and ranked by l/g, which orders them by expected improvement.
import type { RandomNumbers } from './random-numbers.ts';

/** What was seen of one parameter: where it stood and how that went. Lower is better; null is a crash. */
export interface Seen {
  readonly position: number;
  readonly score: number | null;
}

/** A stretch of an axis, with the prior that stands in for what was not tried. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly centre: number;
  /** Standard deviation of the prior. Two steps and not the whole range: with few data a broad prior is a random search. */
  readonly width: number;
}

const GOOD_SHARE = 0.25;
const MOST_GOOD = 25; // as in the authors' code: more would blur l

/** Splits at the quantile; crashes are always bad. */
export function splitByQuality(seen: readonly Seen[]): { readonly good: Seen[]; readonly bad: Seen[] } {
  const ranked = seen.toSorted((a, b) => (a.score ?? Infinity) - (b.score ?? Infinity));
  const scored = ranked.filter(({ score }) => score !== null).length;
  const count = Math.min(MOST_GOOD, scored, Math.ceil(GOOD_SHARE * ranked.length));
  return { good: ranked.slice(0, count), bad: ranked.slice(count) };
}

/** The estimator of one parameter. */
export interface Tpe {
  /** A position, or a choice's index, that looks good: the best of a few draws from l by l/g. */
  readonly suggest: (random: RandomNumbers) => number;
  /** ln l/g: above 0 where good results are denser than bad ones. */
  readonly logRatio: (position: number) => number;
}

/** The estimator of a number. */
export function createPositionTpe(seen: readonly Seen[], range: Range, draws = 12): Tpe {
  const { good, bad } = splitByQuality(seen);
  const [l, g] = [parzen(good, range), parzen(bad, range)];
  const logRatio = (position: number): number => Math.log(l.density(position) / g.density(position));
  const suggest = (random: RandomNumbers): number =>
    best(
      Array.from({ length: draws }, () => l.draw(random)),
      logRatio,
    ) ?? range.centre;
  return { suggest, logRatio };
}

/** The estimator of a choice among 0 to `choices` - 1. */
export function createChoiceTpe(seen: readonly Seen[], choices: number, draws = 2): Tpe {
  const { good, bad } = splitByQuality(seen);
  const [l, g] = [smoothedShares(good, choices), smoothedShares(bad, choices)];
  const logRatio = (choice: number): number => Math.log((l[choice] ?? 1) / (g[choice] ?? 1));
  const suggest = (random: RandomNumbers): number =>
    best(
      Array.from({ length: draws }, () => drawIndex(l, random)),
      logRatio,
    ) ?? 0;
  return { suggest, logRatio };
}

/** One is added to every count: a choice that was never tried keeps its chance. */
function smoothedShares(seen: readonly Seen[], choices: number): number[] {
  const counts = Array.from(
    { length: choices },
    (_, choice) => 1 + seen.filter(({ position }) => position === choice).length,
  );
  return counts.map((count) => count / (choices + seen.length));
}

interface Density {
  readonly density: (position: number) => number;
  readonly draw: (random: RandomNumbers) => number;
}

/** A mixture of the prior and of one normal per observation, as wide as the distance to the farther neighbour. */
function parzen(seen: readonly Seen[], range: Range): Density {
  const positions = seen
    .map(({ position }) => Math.min(range.high, Math.max(range.low, position)))
    .toSorted((a, b) => a - b);
  const narrowest = range.width / Math.min(10, 1 + positions.length);
  const kernels = positions.map((centre, index) => {
    const gaps = [centre - (positions[index - 1] ?? range.low), (positions[index + 1] ?? range.high) - centre];
    return { centre, width: Math.min(range.width, Math.max(narrowest, ...gaps)) };
  });
  const all: readonly [Kernel, ...Kernel[]] = [{ centre: range.centre, width: range.width }, ...kernels];
  return {
    density: (position) => all.reduce((sum, kernel) => sum + normalDensity(position, kernel), 1e-300) / all.length,
    draw: (random) => {
      const { centre, width } = random.pick(all);
      return Math.min(range.high, Math.max(range.low, centre + width * random.normal()));
    },
  };
}

interface Kernel {
  readonly centre: number;
  readonly width: number;
}

function normalDensity(position: number, { centre, width }: Kernel): number {
  return Math.exp(-0.5 * ((position - centre) / width) ** 2) / (width * Math.sqrt(2 * Math.PI));
}

function drawIndex(weights: readonly number[], random: RandomNumbers): number {
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  return Math.max(0, index);
}

function best(items: readonly number[], merit: (item: number) => number): number | undefined {
  return items.reduce<number | undefined>(
    (top, item) => (top === undefined || merit(item) > merit(top) ? item : top),
    undefined,
  );
}
