/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample standard deviation (n - 1 below the line); null for fewer than two values. */
function sampleSd(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** The noise that a session shows: the spread of its baseline's trials, else the task's first guess, else unknown. */
export function noiseOf(baseline: readonly number[], guess: number | undefined): number | null {
  return sampleSd(baseline) ?? guess ?? null;
}

/** Values of one arm seen so far: how many, their mean, and the sum of squares about it (Welford 1962). */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** No value yet. */
const NO_SPREAD: Spread = { count: 0, mean: 0, squares: 0 };

/** The same with one value more. */
export function widen({ count, mean: before, squares }: Spread, value: number): Spread {
  const after = before + (value - before) / (count + 1);
  return { count: count + 1, mean: after, squares: squares + (value - before) * (value - after) };
}

/** The spread of these values. */
export const spreadOf = (values: readonly number[]): Spread => values.reduce(widen, NO_SPREAD);

/** Squares within arms, and the degrees of freedom behind them. */
export interface Pool {
  readonly squares: number;
  readonly degrees: number;
}

/** Nothing known of the noise. */
export const NO_POOL: Pool = { squares: 0, degrees: 0 };

/** Puts arms of unequal means together: each brings the squares about its own mean. */
export function pool(into: Pool, ...arms: readonly Spread[]): Pool {
  return arms.reduce(
    ({ squares, degrees }, arm) => ({
      squares: squares + arm.squares,
      degrees: degrees + Math.max(0, arm.count - 1),
    }),
    into,
  );
}

/** What earlier sessions, or else the task file, say of the noise: worth one degree of freedom. */
export const priorPool = (sd: number | null): Pool => (sd === null ? NO_POOL : { squares: sd * sd, degrees: 1 });

/** The variance of one trial; null while nothing is known of it. */
export const varianceOf = ({ squares, degrees }: Pool): number | null => (degrees === 0 ? null : squares / degrees);
