/** The q-quantile (0 to 1), linear between neighbours (Hyndman and Fan 1996, type 7); NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** The middle value. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The mean; NaN of nothing. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard error of the difference of two means of independent measurements. */
export function differenceError(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(variance(a) / a.length + variance(b) / b.length);
}

/**
 * How likely it is by chance alone that paired differences lie as far above 0 as these: one-sided, exact, by the signed
 * ranks of Wilcoxon (1945). Each sign is as likely as the other then; equal sizes share their ranks, a difference of 0
 * says nothing. 1 of nothing.
 */
export function signedRankP(differences: readonly number[]): number {
  const sizes = differences.filter((one) => one !== 0).map((one) => ({ size: Math.abs(one), isAbove: one > 0 }));
  // Twice the mean rank of those of one size: a whole number.
  const ranked = sizes.map(({ size, isAbove }) => {
    const below = sizes.filter((other) => other.size < size).length;
    const equal = sizes.filter((other) => other.size === size).length;
    return { rank: 2 * below + equal + 1, isAbove };
  });
  const seen = ranked.reduce((all, { rank, isAbove }) => all + (isAbove ? rank : 0), 0);
  // chances[k]: that the ranks with a sign above add up to k.
  let chances = [1];
  for (const { rank } of ranked)
    chances = Array.from(
      { length: chances.length + rank },
      (_, k) => ((chances[k] ?? 0) + (chances[k - rank] ?? 0)) / 2,
    );
  return chances.slice(seen).reduce((all, chance) => all + chance, 0);
}

/** Where chance counts as ruled out. */
export const SIGNIFICANT = 0.05;

/** `p = 0.016`, `p < 0.001`. */
export const pText = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`);

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
