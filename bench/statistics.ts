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

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
