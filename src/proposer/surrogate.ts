// A Gaussian process over the constants: what is each change worth, given all that was tried?
// C. Rasmussen and C. Williams, "Gaussian Processes for Machine Learning", 2006, chapter 2. The kernel is a sum over the
// constants (Duvenaud, Nickisch, Rasmussen 2011): each has a smooth effect of its own, so that an experiment that changed
// three constants says something about each of them, and thirty experiments say something about fourteen constants.

/** Where a candidate stands: per parameter its position in steps, or which choice it takes. */
export type Point = readonly number[];

/** A measurement: lower is better. `variance` is that of its noise. */
export interface Observation {
  readonly point: Point;
  readonly score: number;
  readonly variance: number;
}

/** What is believed about going from one point to another; a positive mean is better. */
export interface Gain {
  readonly mean: number;
  readonly sd: number;
}

/** A fitted belief. */
export interface Surrogate {
  readonly gain: (from: Point, to: Point) => Gain;
}

/** What a belief is made of. */
export interface SurrogateInput {
  /** Per parameter: `choice` positions are equal or not; the others are near or far. */
  readonly kinds: readonly ('number' | 'choice')[];
  /** Per parameter the prior variance of its effect, relative to the others. */
  readonly weights: readonly number[];
  readonly observations: readonly Observation[];
  /** Where a person started: the prior takes great distances from it for worse. */
  readonly origin: Point;
}

interface Shape {
  /** Standard deviation of one parameter's effect. */
  readonly amplitude: number;
  /** Distance in steps over which an effect changes. */
  readonly reach: number;
}

// Tuned on bench/search.ts, where the neighbours of these values differ by less than the noise of 24 surfaces.
const BOWL_PER_STEP = 0.1; // of an amplitude, times the squared distance from the origin; 0 and 0.3 were clearly worse
const AMPLITUDES = [0.25, 0.5, 1, 2] as const; // times the spread of the scores
const REACHES = [1.5, 3] as const; // one fixed reach was worse than letting the data choose

/** Fits amplitude and reach by marginal likelihood on a small grid, then conditions on all observations. */
export function fitSurrogate(input: SurrogateInput): Surrogate {
  const scores = input.observations.map(({ score }) => score);
  const centre = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  const squares = scores.reduce((sum, score) => sum + (score - centre) ** 2, 0);
  const spread = Math.sqrt(squares / Math.max(1, scores.length - 1)) || 1;
  const fits = AMPLITUDES.flatMap((times) =>
    REACHES.map((reach) => condition(input, { amplitude: times * spread, reach }, centre)),
  );
  return fits.reduce((best, fit) => (fit.evidence > best.evidence ? fit : best));
}

function addUp(over: readonly number[], term: (k: number) => number): number {
  return over.reduce((so, k) => so + term(k), 0);
}

function condition(input: SurrogateInput, shape: Shape, centre: number): Surrogate & { evidence: number } {
  const { kinds, observations } = input;
  const { amplitude } = shape;
  const variance = amplitude ** 2;
  const likeness = createLikeness(input, shape.reach);
  const all = kinds.map((_, k) => k);
  const numbers = all.filter((k) => kinds[k] === 'number');
  const bowl = (point: Point): number =>
    BOWL_PER_STEP * amplitude * addUp(numbers, (k) => ((point[k] ?? 0) - (input.origin[k] ?? 0)) ** 2);
  const level = 25 * variance; // the level of all scores is not known beforehand
  const covariance = (a: Observation, b: Observation): number =>
    variance * addUp(all, (k) => likeness(a.point, b.point, k)) + level + (a === b ? a.variance + 1e-8 * variance : 0);

  const factor = cholesky(observations.map((a, i) => observations.slice(0, i + 1).map((b) => covariance(a, b))));
  const white = forwardSolve(
    factor,
    observations.map(({ point, score }) => score - centre - bowl(point)),
  );
  return {
    evidence: -0.5 * dot(white, white) - factor.reduce((so, row, i) => so + Math.log(row[i] ?? 1), 0),
    gain: (from, to) => {
      const changed = all.filter((k) => from[k] !== to[k]); // in the difference the rest of the sum cancels
      const apart = ({ point }: Observation): number =>
        variance * addUp(changed, (k) => likeness(point, from, k) - likeness(point, to, k));
      const across = forwardSolve(factor, observations.map(apart));
      const prior = 2 * variance * addUp(changed, (k) => likeness(from, from, k) - likeness(from, to, k));
      const mean = dot(across, white) + bowl(from) - bowl(to);
      return { mean, sd: Math.sqrt(Math.max(0, prior - dot(across, across))) };
    },
  };
}

/** The weight of parameter k where two points agree in it, towards 0 with their distance. */
function createLikeness({ kinds, weights }: SurrogateInput, reach: number): (a: Point, b: Point, k: number) => number {
  return (a, b, k) => {
    const apart = (a[k] ?? 0) - (b[k] ?? 0);
    const weight = weights[k] ?? 1;
    if (apart === 0) return weight;
    return kinds[k] === 'choice' ? 0 : weight * Math.exp(-(apart ** 2) / (2 * reach ** 2));
  };
}

/** The lower triangle L of L L' = matrix, given by its lower triangle. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const factor: number[][] = [];
  for (const row of matrix) {
    const out: number[] = [];
    for (const [j, entry] of row.entries()) {
      const above = factor[j] ?? out; // the last entry of a row is the diagonal
      let rest = entry;
      for (let k = 0; k < j; k++) rest -= (out[k] ?? 0) * (above[k] ?? 0);
      out.push(above === out ? Math.sqrt(Math.max(rest, 1e-300)) : rest / (above[j] ?? 1));
    }
    factor.push(out);
  }
  return factor;
}

/** x of L x = right. */
function forwardSolve(factor: readonly (readonly number[])[], right: readonly number[]): number[] {
  const x: number[] = [];
  for (const [i, row] of factor.entries()) {
    let rest = right[i] ?? 0;
    for (let k = 0; k < i; k++) rest -= (row[k] ?? 0) * (x[k] ?? 0);
    x.push(rest / (row[i] ?? 1));
  }
  return x;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((so, value, i) => so + value * (b[i] ?? 0), 0);
}
