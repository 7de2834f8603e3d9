// What the session's own experiments say, as points on the incumbent's axes.
import { positionOf } from './axis.ts';
import { readConstants, type Constant } from './constants.ts';
import type { Files, ProposeRequest } from './proposer.ts';
import { readLiteral } from './python-literal.ts';
import type { Parameter } from './search-space.ts';
import type { Observation, Point } from './surrogate.ts';

/** Turns files into points: positions in steps, or which choice; a constant that they lack stands as in the incumbent. */
export interface Measure {
  readonly pointOf: (files: Files) => Point;
}

/** Creates the measure of the incumbent's space. */
export function createMeasure(space: readonly Parameter[]): Measure {
  return {
    pointOf: (files) => {
      const constants = new Map(
        Object.entries(files).flatMap(([file, source]) =>
          readConstants(source).map((constant) => [`${file}:${constant.name}`, constant] as const),
        ),
      );
      return space.map((parameter) => coordinateOf(parameter, constants.get(`${parameter.file}:${parameter.name}`)));
    },
  };
}

/** The coordinate of `found`'s value on the axis of `parameter`. */
function coordinateOf(parameter: Parameter, found: Constant | undefined): number {
  if (parameter.kind === 'choice') {
    const text = found?.text ?? parameter.current;
    return parameter.choices.findIndex((choice) => isSameLiteral(choice, text));
  }
  const literal = found?.literal.kind === 'tuple' ? found.literal.items[parameter.item ?? 0] : found?.literal;
  const value = literal?.kind === 'number' ? literal.value : parameter.literal.value;
  return positionOf(parameter.axis, value) / parameter.axis.step;
}

/** Equal as Python values, however they are spelt. */
export function isSameLiteral(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [readLiteral(a), readLiteral(b)];
  if (left === null || right === null || left.kind === 'tuple' || right.kind === 'tuple') return false;
  return left.kind === right.kind && left.value === right.value;
}

/** Everything tried that says something about the constants. */
export interface Evidence {
  readonly observations: readonly Observation[];
  /** Points that crashed, or that gave no value. */
  readonly crashed: readonly Point[];
}

/**
 * Reads the history. Scores far above the incumbent's are compressed: that a rate ten times too high is worse by 3
 * instead of 1 says nothing about where the optimum is, and would drown what does. A crash counts as such a bad score
 * with much doubt, never as a sentinel such as 100, which is known to poison an optimiser.
 */
export function readEvidence(request: ProposeRequest, measure: Measure): Evidence {
  const { history } = request;
  const scores = history.flatMap(({ score }) => score ?? []);
  const best = Math.min(...scores, request.incumbentScore ?? Infinity);
  const excess = scores.map((score) => score - best).toSorted((a, b) => a - b);
  const typical = excess[Math.floor(excess.length / 2)] ?? 0;
  const unit = Math.max(typical, 2 * (request.noise ?? 0)) || 1;
  const compress = (score: number): number => {
    const over = (score - best) / unit;
    return over <= 1 ? over : 1 + Math.log(over);
  };
  const variance = Math.max(0.02, (request.noise ?? 0.25 * unit) / unit) ** 2;
  const observations = history.flatMap(({ files, score }) => {
    const point = measure.pointOf(files);
    return [score === null ? { point, score: 3, variance: 1 } : { point, score: compress(score), variance }];
  });
  const O = JSON.parse(process.env['OPT'] ?? '{}') as Record<string, number>;
  if (!O['nolie']) for (const files of request.pending) observations.push({ point: measure.pointOf(files), score: (O['lie'] ?? 0) + compress(request.incumbentScore ?? best), variance });
  const crashed = history.filter(({ score }) => score === null).map(({ files }) => measure.pointOf(files));
  return { observations, crashed };
}
