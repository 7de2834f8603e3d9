/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample standard deviation (n - 1 below the line); null for fewer than two values. */
export function sampleSd(values: readonly number[]): number | null {
  const { count, squares } = spreadOf(values);
  return count < 2 ? null : Math.sqrt(squares / (count - 1));
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

/** Two-sided 95 % of a normal distribution. */
export const Z95 = 1.959964;

/**
 * Where the true sd of one trial lies with 95 %, for an estimate with this many degrees of freedom: by the distribution
 * of chi squared, in the approximation of Wilson and Hilferty (1931).
 */
export function noiseInterval(sd: number, degrees: number): { readonly low: number; readonly high: number } {
  const chi = (z: number): number => degrees * (1 - 2 / (9 * degrees) + z * Math.sqrt(2 / (9 * degrees))) ** 3;
  const [most, least] = [chi(Z95), chi(-Z95)];
  return {
    low: sd * Math.sqrt(degrees / most),
    high: least > 0 ? sd * Math.sqrt(degrees / least) : Number.POSITIVE_INFINITY,
  };
}

/** The noise and where it lies, in words: `0.012 (95 %: 0.0081 to 0.023)`; `figure` writes a number. */
export function noiseText(
  { noise, degrees }: { readonly noise: number | null; readonly degrees?: number | null | undefined },
  figure: (value: number) => string,
): string {
  if (noise === null) return 'unknown';
  if (noise === 0 || degrees == null || degrees === 0) return figure(noise);
  const { low, high } = noiseInterval(noise, degrees);
  const interval = Number.isFinite(high) ? `${figure(low)} to ${figure(high)}` : `at least ${figure(low)}`;
  return `${figure(noise)} (95 %: ${interval})`;
}

/** The variance of one trial; null while nothing is known of it. */
export const varianceOf = ({ squares, degrees }: Pool): number | null => (degrees === 0 ? null : squares / degrees);

/** A value of a normal distribution that chance exceeds once in a hundred. */
const Z99 = 2.326348;

/**
 * Whether `seen` spreads more than chance explains where `known` is the noise, once in a hundred: the F test, in the
 * approximation of M. Abramowitz and I. Stegun 1964, 26.6.15. Without degrees of freedom on both sides nothing is told.
 */
export function spreadsMore(seen: Pool, known: Pool): boolean {
  const [more, usual] = [varianceOf(seen), varianceOf(known)];
  if (more === null || usual === null || more <= usual) return false;
  if (usual === 0) return true;
  const root = Math.cbrt(more / usual);
  const [above, below] = [2 / (9 * seen.degrees), 2 / (9 * known.degrees)];
  return root * (1 - below) - (1 - above) > Z99 * Math.sqrt(above + below * root ** 2);
}
