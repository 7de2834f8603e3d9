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
