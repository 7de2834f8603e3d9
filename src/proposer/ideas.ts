// Imagines many small changes of the incumbent, for the surrogate to choose from: one, two or three constants each, a
// number moved by a step or so, or to where the Parzen estimator has seen good results.
import { positionOf, valueAt } from './axis.ts';
import { currentPosition, literalAt, type Move } from './candidate-edit.ts';
import type { RandomNumbers } from './random-numbers.ts';
import { shuffle } from './random.ts';
import type { Parameter } from './search-space.ts';
import type { Observation, Point } from './surrogate.ts';
import { createChoiceTpe, createPositionTpe, type Tpe } from './tpe.ts';

/** A change, and the point where it leads. */
export interface Idea {
  readonly moves: readonly Move[];
  readonly point: Point;
}

/** What ideas are made from. */
export interface Ground {
  readonly space: readonly Parameter[];
  /** The incumbent's point. */
  readonly here: Point;
  readonly observations: readonly Observation[];
  readonly random: RandomNumbers;
}

const IDEAS = 400;
const ONE_CHANGE = 0.4; // shares of the ideas; how many changes win is left to the surrogate
const TWO_CHANGES = 0.35;
const PARZEN_SHARE = 0.5;
const POOL = 12; // suggestions per parameter: drawing them afresh for every idea took most of the time
const LEAST_VISIBLE = 0.1; // a shorter move tests nothing; 0.4 lost late refinement
const LEAST_STEPS = 0.4;
const MOST_STEPS = 1.2; // beyond the least; 2 was slower at finding the first gains

/** Imagines changes of the incumbent; some may repeat, and some may round to no change. */
export function imagineChanges({ space, here, observations, random }: Ground): Idea[] {
  const pools = space.map((parameter, k) => {
    const tpe = createTpe(parameter, observations, k);
    return Array.from({ length: POOL }, () => tpe.suggest(random));
  });
  const indices = space.map((_, k) => k);
  return Array.from({ length: IDEAS }, () => {
    const dice = random.uniform();
    const count = dice < ONE_CHANGE ? 1 : dice < ONE_CHANGE + TWO_CHANGES ? 2 : 3;
    const point = [...here];
    const moves = shuffle(indices, random)
      .slice(0, count)
      .flatMap((k): Move[] => {
        const parameter = space[k];
        if (parameter === undefined) return [];
        const parzen = random.uniform() < PARZEN_SHARE ? pools[k]?.[random.below(POOL)] : undefined;
        const goes = parzen !== undefined && Math.abs(parzen - (here[k] ?? 0)) >= LEAST_VISIBLE;
        const position = goes ? unscale(parameter, parzen) : stepFrom(parameter, random);
        point[k] = landing(parameter, position);
        return [{ parameter, value: literalAt(parameter, position) }];
      });
    return { moves, point };
  });
}

/** The estimator of parameter k, over its positions in steps. */
function createTpe(parameter: Parameter, observations: readonly Observation[], k: number): Tpe {
  const seen = observations.map(({ point, score }) => ({ position: point[k] ?? 0, score }));
  if (parameter.kind === 'choice') return createChoiceTpe(seen, parameter.choices.length);
  const { low, high, step } = parameter.axis;
  return createPositionTpe(seen, {
    low: low / step,
    high: high / step,
    centre: currentPosition(parameter) / step,
    width: 1.5,
  });
}

function unscale(parameter: Parameter, steps: number): number {
  return parameter.kind === 'choice' ? steps : steps * parameter.axis.step;
}

/** A step or so up or down; another choice. */
function stepFrom(parameter: Parameter, random: RandomNumbers): number {
  const current = currentPosition(parameter);
  if (parameter.kind === 'choice') {
    const others = parameter.choices.length - (current < 0 ? 0 : 1);
    return (Math.max(0, current) + (current < 0 ? 0 : 1) + random.below(others)) % parameter.choices.length;
  }
  const direction = random.uniform() < 0.5 ? -1 : 1;
  return current + direction * parameter.axis.step * (LEAST_STEPS + MOST_STEPS * random.uniform());
}

/** The coordinate of the neat value that is written for a position. */
function landing(parameter: Parameter, position: number): number {
  if (parameter.kind === 'choice') return position;
  return positionOf(parameter.axis, valueAt(parameter.axis, position)) / parameter.axis.step;
}
