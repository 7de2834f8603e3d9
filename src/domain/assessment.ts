// What a candidate's trials add up to, beside what is believed of the incumbent.
import { mean as meanOf, pool, varianceOf, Z95 } from './noise.ts';
import { isOffGrid, posterior, priceOf, type Posterior } from './posterior.ts';
import { lateSpread, type Candidacy, type Standing } from './standing.ts';

/** What the trials so far add up to; a record keeps it, so that any verdict can be explained later. */
export interface Assessment extends Pick<Posterior, 'better' | 'worthwhile'> {
  /** The shrunk gain in the metric's units, positive when better, and where it lies with 95 %. */
  readonly gain: number;
  readonly low: number;
  readonly high: number;
  /** The noise: sd of one trial, with its degrees of freedom. */
  readonly noise: number;
  readonly degrees: number;
}

/** How likely a gain is, as tables have it: `.98`, and never certain. */
export function chanceText(better: number): string {
  const [rounded, most] = [better.toFixed(2), 0.99];
  if (Number(rounded) > most) return `>${String(most).slice(1)}`;
  return Number(rounded) === 0 ? '<.01' : rounded.slice(1);
}

/** An assessment, and what else a rule needs of it. */
export interface Look {
  /** Variance of one trial. */
  readonly s2: number;
  readonly s: number;
  /** How much better the candidate looks, in units of s. */
  readonly difference: number;
  readonly posterior: Posterior;
  readonly assessment: Assessment;
}

const TAIL = 0.025;
/** Weighs a candidate with at least one trial, under a noise that is not zero. */
export function look(standing: Standing, candidacy: Candidacy): Look {
  const { scores, netLines } = candidacy;
  const known = pool(standing.noise, standing.spread, lateSpread(candidacy));
  const s2 = varianceOf(known) ?? 0;
  const s = Math.sqrt(s2);
  const mean = meanOf(scores);
  const difference = (standing.mean - mean) / s;
  const variance = 1 / scores.length + standing.variance / s2;
  const seen = posterior({ difference, variance, degrees: known.degrees, price: priceOf(netLines) });
  const { better, worthwhile } = seen;
  const between = isOffGrid(difference)
    ? around(standing.mean - mean, s * Math.sqrt(variance))
    : { gain: s * seen.mean, low: s * seen.quantile(TAIL), high: s * seen.quantile(1 - TAIL) };
  const assessment = { better, worthwhile, ...between, noise: s, degrees: known.degrees };
  return { s2, s, difference, posterior: seen, assessment };
}

const around = (gain: number, error: number) => ({ gain, low: gain - Z95 * error, high: gain + Z95 * error });
