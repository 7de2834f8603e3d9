// How much better a candidate is than the incumbent, given its trials: a posterior over its true gain g, in units of s,
// the standard deviation of one trial. The likelihood is Student's t, because s itself is known from few trials
// (Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.2); the prior is what nights of real ideas look like: most
// change nothing or make things worse, few help, very few help much.

const FINE = 0.05;
const COARSE = 0.25;
/** Bins of width FINE reach from -10 to 10, then bins of width COARSE to 40. */
const FINE_BINS = 401;
const COARSE_BINS = 120;
const ZERO = 200;
/** Gains of more than half an s are worth having: what the screen asks for. */
const WORTHWHILE = 0.5;
/** Above so many s the grid ends and there is no doubt left. */
const BEYOND_DOUBT = 20;

const GAINS = Float64Array.from({ length: FINE_BINS + COARSE_BINS }, (_, i) =>
  i < FINE_BINS ? (i - ZERO) * FINE : 10 + (i - FINE_BINS + 1) * COARSE,
);
const widthAt = (i: number): number => (i < FINE_BINS ? FINE : COARSE);

/** One kind of idea: its share of all, and the density of its gain, up to a factor. */
type Kind = readonly [share: number, density: (gain: number) => number];
const LEAST_HELP = 0.1;
const KINDS: readonly Kind[] = [
  [0.1, (g) => (g < LEAST_HELP - 1e-9 ? 0 : Math.exp((-g * g) / (2 * 1.6 * 1.6)))],
  [0.02, (g) => (g < LEAST_HELP - 1e-9 ? 0 : Math.exp(-g / 6))],
  [0.4, (g) => Math.exp((-g * g) / (2 * 0.2 * 0.2))],
  [0.48, (g) => (g > 0 ? 0 : Math.exp(g / 2))],
];

const LOG_PRIOR = logPrior();

function logPrior(): Float64Array {
  const prior = new Float64Array(GAINS.length);
  for (const [share, density] of KINDS) {
    const masses = GAINS.map((gain, i) => density(gain) * widthAt(i));
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    for (const [i, mass] of masses.entries()) prior[i] = (prior[i] ?? 0) + (share * mass) / total;
  }
  return prior.map((mass) => Math.log(mass));
}

/** What the trials say. Gains in units of s, positive when better. */
export interface Posterior {
  /** Probability of a gain above the price (0 for a candidate without one). */
  readonly better: number;
  /** Probability of a gain of more than half an s. */
  readonly worthwhile: number;
  /** The mean gain: shrunk, so smaller than the difference observed. */
  readonly mean: number;
  /** Probability of a gain above `bound`. */
  readonly above: (bound: number) => number;
  /** The gain below which so much of the probability lies. */
  readonly quantile: (share: number) => number;
  /** Mean of `f(gain)` under the posterior. */
  readonly expect: (f: (gain: number) => number) => number;
}

/** What was observed, in units of s. */
export interface Observed {
  /** The incumbent's mean minus the candidate's: positive when the candidate looks better. */
  readonly difference: number;
  /** Variance of that difference: 1/n of the candidate's n trials plus the incumbent's. */
  readonly variance: number;
  /** Degrees of freedom behind s. */
  readonly degrees: number;
  /** What the candidate's extra code costs; a multiple of 0.05. */
  readonly price?: number;
}

/** The posterior over the gain of a candidate with these trials. */
export function posterior({ difference, variance, degrees, price = 0 }: Observed): Posterior {
  const weights = new Float64Array(GAINS.length);
  const power = (degrees + 1) / 2;
  let largest = -Infinity;
  for (let i = 0; i < weights.length; i++) {
    const off = difference - (GAINS[i] ?? 0);
    const log = (LOG_PRIOR[i] ?? 0) - power * Math.log1p((off * off) / (degrees * variance));
    weights[i] = log;
    if (log > largest) largest = log;
  }
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = Math.exp((weights[i] ?? 0) - largest);
    weights[i] = weight;
    total += weight;
  }
  const expect = (f: (gain: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < weights.length; i++) sum += (weights[i] ?? 0) * f(GAINS[i] ?? 0);
    return sum / total;
  };
  // Half a bin of tolerance: the bin at the bound itself is not above it, whatever its last digit.
  const above = (bound: number): number => expect((gain) => (gain > bound + FINE / 2 ? 1 : 0));
  const quantile = (share: number): number => {
    let sum = 0;
    const k = weights.findIndex((weight) => (sum += weight) >= share * total);
    return GAINS.at(k) ?? 0;
  };
  const certain = difference > BEYOND_DOUBT;
  return {
    better: certain ? 1 : above(price),
    worthwhile: certain ? 1 : above(WORTHWHILE),
    mean: expect((gain) => gain),
    above,
    quantile,
    expect,
  };
}

/** Whether a difference is beyond what the prior knows of, for better or for worse: it is then what it looks like. */
export const isOffGrid = (difference: number): boolean => isBeyondDoubt(difference) || difference < (GAINS[0] ?? 0);

/** Whether the difference is beyond what the grid can weigh: the trials then speak for themselves. */
export const isBeyondDoubt = (difference: number): boolean => difference > BEYOND_DOUBT;

/** What `netLines` more lines of code must be worth, in units of s; nothing for fewer. */
export const priceOf = (netLines: number): number => FINE * Math.round((2 * Math.max(0, netLines)) / 20);
