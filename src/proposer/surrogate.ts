// A Gaussian process over the constants: what is each change worth, given all that was tried?
// Rasmussen and Williams 2006, chapter 2. The kernel is a sum over the constants (Duvenaud et al. 2011): each one has a
// smooth effect of its own, so that an experiment that changed three constants says something about each of them, and
// thirty experiments say something about fourteen constants.

/** Where a candidate stands: per parameter its position in steps, or which choice it takes. */
export type Point = readonly number[];

/** A measurement: lower is better. `variance` is of its noise. */
export interface Observation {
  readonly point: Point;
  readonly score: number;
  readonly variance: number;
}

/** What is believed about going from one point to another. */
export interface Gain {
  /** Positive is better. */
  readonly mean: number;
  readonly sd: number;
}

/** A fitted belief. */
export interface Surrogate {
  readonly gain: (from: Point, to: Point) => Gain;
}

/** How the parameters count: `choice` ones are equal or not; others are near or far. */
export interface SurrogateInput {
  readonly kinds: readonly ('number' | 'choice')[];
  /** How much each parameter is expected to matter; 1 is usual. */
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

const O = JSON.parse(process.env['OPT'] ?? '{}') as Record<string, number>;
const AMPLITUDES = (O['amps'] as unknown as number[]) ?? [0.25, 0.5, 1, 2];
const PRIOR_BOWL = O['bowl'] ?? 0.1;

const REACHES = (O['reaches'] as unknown as number[]) ?? [1.5, 3];

/** Fits amplitude and reach by marginal likelihood on a small grid, then conditions on all observations. */
export function fitSurrogate(input: SurrogateInput): Surrogate {
  const scores = input.observations.map(({ score }) => score);
  const centre = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  const spread = Math.sqrt(scores.reduce((sum, score) => sum + (score - centre) ** 2, 0) / Math.max(1, scores.length - 1)) || 1;
  const shapes = AMPLITUDES.flatMap((times) => REACHES.map((reach) => ({ amplitude: times * spread, reach })));
  const fits = shapes.map((shape) => condition(input, shape, centre));
  return fits.reduce((best, fit) => (fit.evidence > best.evidence ? fit : best));
}

function condition({ kinds, weights, observations, origin }: SurrogateInput, shape: Shape, centre: number): Surrogate & { evidence: number } {
  const variance = shape.amplitude ** 2;
  const likeness = (a: Point, b: Point, k: number): number => {
    const apart = (a[k] ?? 0) - (b[k] ?? 0);
    if (apart === 0) return 1;
    return kinds[k] === 'choice' ? 0 : Math.exp(-(apart ** 2) / (2 * shape.reach ** 2));
  };
  const kernel = (a: Point, b: Point): number => {
    let sum = 0;
    for (let k = 0; k < kinds.length; k++) sum += (weights[k] ?? 1) * likeness(a, b, k);
    return variance * sum;
  };
  const bowl = (point: Point): number => {
    let sum = 0;
    for (let k = 0; k < kinds.length; k++) if (kinds[k] === 'number') sum += (weights[k] ?? 1) ** 0.5 * ((point[k] ?? 0) - (origin[k] ?? 0)) ** 2;
    return PRIOR_BOWL * shape.amplitude * sum;
  };
  const level = 25 * variance; // the level of all scores is not known
  const factor = cholesky(
    observations.map((a, i) => observations.slice(0, i + 1).map((b, j) => kernel(a.point, b.point) + level + (i === j ? a.variance + 1e-8 * variance : 0))),
  );
  const white = forwardSolve(factor, observations.map(({ point, score }) => score - centre - bowl(point)));
  const evidence = -0.5 * dot(white, white) - factor.reduce((sum, row, i) => sum + Math.log(row[i] ?? 1), 0);
  return {
    evidence,
    gain: (from, to) => {
      const changed = kinds.map((_, k) => k).filter((k) => from[k] !== to[k]); // the rest of the sum cancels
      const apart = (point: Point): number => changed.reduce((sum, k) => sum + (weights[k] ?? 1) * (likeness(point, from, k) - likeness(point, to, k)), 0);
      const across = forwardSolve(factor, observations.map(({ point }) => variance * apart(point)));
      const prior = 2 * variance * changed.reduce((sum, k) => sum + (weights[k] ?? 1) * (1 - likeness(from, to, k)), 0);
      return { mean: dot(across, white) + bowl(from) - bowl(to), sd: Math.sqrt(Math.max(0, prior - dot(across, across))) };
    },
  };
}

/** The lower triangle L of L L' = matrix, given by its lower triangle. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const factor: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const out: number[] = [];
    for (let j = 0; j <= i; j++) {
      const above = j === i ? out : (factor[j] ?? []);
      let sum = row[j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (out[k] ?? 0) * (above[k] ?? 0);
      out.push(j === i ? Math.sqrt(Math.max(sum, 1e-300)) : sum / (above[j] ?? 1));
    }
    factor.push(out);
  }
  return factor;
}

/** x of L x = right. */
function forwardSolve(factor: readonly (readonly number[])[], right: readonly number[]): number[] {
  const x: number[] = [];
  for (const [i, row] of factor.entries()) {
    let sum = right[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (row[k] ?? 0) * (x[k] ?? 0);
    x.push(sum / (row[i] ?? 1));
  }
  return x;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
