// Does a gain that short trainings show hold for longer ones? Baseline and best are trained for a multiple of the budget,
// and the gain there is set against what the audit found at the budget itself. Evaluation design, section 4.
import { t95 } from './audit.ts';

/** What becomes of a gain in longer trainings; `not longer`: the training does not take the time that it is given. */
export const SCALE_VERDICTS = ['transfers', 'unproven', 'short-budget artefact', 'not longer'] as const;
/** One of the four. */
export type ScaleVerdict = (typeof SCALE_VERDICTS)[number];

/** A gain and its standard error. */
export interface Measured {
  readonly gain: number;
  readonly stderr: number;
}

/** The gain at the budget, the gain at `times` the budget, and how long trainings took in each, in seconds. */
export interface ScaleEvidence {
  readonly times: number;
  readonly short: Measured & { readonly seconds: number };
  readonly long: Measured & { readonly seconds: number };
  /** Of the noise that both errors come from. */
  readonly degrees: number;
}

/** How much of the gain is left: a share of 1 is all of it. Without bounds where the gain at the budget is itself in doubt. */
export interface Retained {
  readonly share: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: ScaleVerdict;
}

/** A gain of which less than this is left was one of short trainings. */
const TRANSFERS_ABOVE = 0.5;

/** Judges what is left of a gain. `short.gain` has to be positive. */
export function retained({ times, short, long, degrees }: ScaleEvidence): Retained {
  const share = long.gain / short.gain;
  // A training that counts its steps, or reads its budget elsewhere, says nothing of longer ones.
  const isLonger = long.seconds > short.seconds * (1 + (times - 1) / 2);
  const bounds = fieller(long, short, t95(degrees));
  if (!isLonger) return { share, low: null, high: null, verdict: 'not longer' };
  if (bounds === null) return { share, low: null, high: null, verdict: 'unproven' };
  const [low, high] = bounds;
  const verdict = low > TRANSFERS_ABOVE ? 'transfers' : high < TRANSFERS_ABOVE ? 'short-budget artefact' : 'unproven';
  return { share, low, high, verdict };
}

/**
 * The interval of a ratio of two independent normal means: all r that `above - r * below` does not refute (E. C. Fieller
 * 1954, J. R. Stat. Soc. B 16). Null where that has no end, because `below` may be 0.
 */
function fieller(above: Measured, below: Measured, t: number): readonly [number, number] | null {
  const [a, c] = [below.gain ** 2 - (t * below.stderr) ** 2, above.gain ** 2 - (t * above.stderr) ** 2];
  if (a <= 0) return null;
  const b = above.gain * below.gain;
  const root = Math.sqrt(Math.max(0, b * b - a * c));
  return [(b - root) / a, (b + root) / a];
}

/** `4 × the time: +0.081, 74 % of the gain (95 %: 55 to 93): transfers`; `figure` writes a gain. */
export function retainedText(
  { times, gain, share, low, high, verdict }: Retained & { readonly times: number; readonly gain: number },
  figure: (gain: number) => string,
): string {
  if (verdict === 'not longer') return `${times} × the time: trainings do not take longer, so this tells nothing`;
  const bounds = low === null || high === null ? 'in doubt' : `95 %: ${percent(low)} to ${percent(high)}`;
  return `${times} × the time: ${figure(gain)}, ${percent(share)} % of the gain (${bounds}): ${verdict}`;
}

const percent = (share: number): string => String(Math.round(share * 100));
