import type { Gain } from './surrogate.ts';

/** What a change is expected to gain if it is kept only where it gains (D. Jones, M. Schonlau, W. Welch 1998, eq. 15). */
export function expectedImprovement({ mean, sd }: Gain): number {
  if (sd <= 0) return Math.max(0, mean);
  const z = mean / sd;
  return mean * normalCdf(z) + sd * normalDensity(z);
}

function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

/** M. Abramowitz and I. Stegun 1964, 26.2.17; wrong by less than 1e-7. */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = normalDensity(z) * series;
  return z > 0 ? 1 - upper : upper;
}
