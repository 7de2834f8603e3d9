// What the session's own experiments say, as points on the incumbent's axes.
import { positionOf } from './axis.ts';
import type { Constant } from './constants.ts';
import { constantsIn, isSameValue } from './file-constants.ts';
import type { Files, ProposeRequest, Tried } from './proposer.ts';
import type { Parameter } from './search-space.ts';
import type { Observation, Point } from './surrogate.ts';

/** Turns files into points. */
export interface Measure {
  /** What a point's coordinates are. */
  readonly kinds: readonly ('number' | 'choice')[];
  /** How much each coordinate is expected to matter. */
  readonly weights: readonly number[];
  /** Per parameter the position in steps, or which choice (-1: none of them); last, which code stands around the constants. */
  readonly pointOf: (files: Files) => Point;
}

/** Creates the measure of the incumbent's space. A constant that other files lack stands as in the incumbent. */
export function createMeasure(space: readonly Parameter[]): Measure {
  const codes = new Map<string, number>();
  return {
    kinds: [...space.map(({ kind }) => kind), 'choice'],
    weights: [...space.map(({ weight }) => weight), 1],
    pointOf: (files) => {
      const read = Object.entries(files).map(([file, source]) => ({
        file,
        source,
        constants: constantsIn(file, source),
      }));
      const code = read.map(({ file, source, constants }) => file + withoutValues(source, constants)).join('\0');
      if (!codes.has(code)) codes.set(code, codes.size);
      const found = new Map(
        read.flatMap(({ file, constants }) => constants.map((own) => [`${file}:${own.name}`, own])),
      );
      const coordinates = space.map((parameter) =>
        coordinateOf(parameter, found.get(`${parameter.file}:${parameter.name}`)),
      );
      return [...coordinates, codes.get(code) ?? 0];
    },
  };
}

/** The coordinate of a constant's value on the axis of `parameter`. */
function coordinateOf(parameter: Parameter, constant: Constant | undefined): number {
  if (parameter.kind === 'choice') {
    const text = constant?.text ?? parameter.current;
    return parameter.choices.findIndex((choice) => isSameValue(parameter.file, choice, text));
  }
  const found = constant?.literal;
  const literal = found?.kind === 'tuple' ? found.items[parameter.item ?? 0] : found;
  const value = literal?.kind === 'number' ? literal.value : parameter.literal.value;
  return positionOf(parameter.axis, value) / parameter.axis.step;
}

function withoutValues(source: string, constants: readonly Constant[]): string {
  return constants.toReversed().reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), source);
}

const MOST_OBSERVATIONS = 250; // the cube of it is time: 250 take about 0.1 s
const CRASH_SCORE = 3; // about what a clearly bad change has after compression
const CRASH_VARIANCE = 1;

/**
 * The history as observations, in units of a typical difference. Scores far above the best are compressed: that a rate
 * ten times too high costs 3 and not 1 says nothing about where the optimum is, and would drown what does. A crash counts
 * as a bad score in much doubt, never as a sentinel such as 100, which is known to poison an optimiser. What is in flight
 * counts as if it came out like the incumbent: then the next proposal asks something else.
 */
export function readEvidence(request: ProposeRequest, measure: Measure): Observation[] {
  const history = request.history.slice(-MOST_OBSERVATIONS).filter(saysSomething);
  const scores = history.flatMap(({ score }) => score ?? []);
  const best = Math.min(...scores, request.incumbentScore ?? Infinity);
  const excess = scores.map((score) => score - best).toSorted((a, b) => a - b);
  const typical = Math.max(excess[Math.floor(excess.length / 2)] ?? 0, 2 * (request.noise ?? 0)) || 1;
  const compress = (score: number): number => {
    const over = (score - best) / typical;
    return over <= 1 ? over : 1 + Math.log(over);
  };
  const variance = Math.max(0.02, (request.noise ?? typical / 4) / typical) ** 2;
  const tried = history.map(({ files, score, verdict, trials = 1 }) => {
    const point = measure.pointOf(files);
    const useless = score === null || verdict === 'quarantine';
    return useless
      ? { point, score: CRASH_SCORE, variance: CRASH_VARIANCE }
      : { point, score: compress(score), variance: variance / Math.max(1, trials) };
  });
  const flying = Number.isFinite(best) ? request.pending : [];
  const believed = compress(request.incumbentScore ?? best);
  return [...tried, ...flying.map((files) => ({ point: measure.pointOf(files), score: believed, variance }))];
}

/** What the world failed, or nobody decided, is no evidence unless it was measured. */
function saysSomething({ score, verdict }: Tried): boolean {
  return score !== null || verdict === 'crash' || verdict === 'discard' || verdict === 'quarantine';
}
