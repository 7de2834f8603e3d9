import { expect, test } from 'vitest';
import { expectedImprovement } from '../../src/proposer/expected-improvement.ts';
import { createRandomNumbers } from '../../src/proposer/random-numbers.ts';
import { fitSurrogate, type Observation, type SurrogateInput } from '../../src/proposer/surrogate.ts';

const KINDS: SurrogateInput['kinds'] = ['number', 'number', 'choice'];
const ORIGIN = [0, 0, 0];
const WEIGHTS = [1, 1, 1];
/** Better upwards in the first, best at 0 in the second; choice 1 is better by 1. */
const truth = ([a = 0, b = 0, c = 0]: readonly number[]): number => -0.5 * a + b * b - c;

function observe(points: readonly (readonly number[])[]): Observation[] {
  return points.map((point) => ({ point, score: truth(point), variance: 0.01 }));
}

test('tells apart what each of several changes did', () => {
  const random = createRandomNumbers(1);
  const points = Array.from({ length: 20 }, () => [random.normal(), random.normal(), random.below(2)]);
  const surrogate = fitSurrogate({
    kinds: KINDS,
    weights: WEIGHTS,
    origin: ORIGIN,
    observations: observe([ORIGIN, ...points]),
  });
  expect(surrogate.gain(ORIGIN, [1, 0, 0]).mean).toBeGreaterThan(0.2);
  expect(surrogate.gain(ORIGIN, [-1, 0, 0]).mean).toBeLessThan(-0.2);
  expect(surrogate.gain(ORIGIN, [0, 1.5, 0]).mean).toBeLessThan(-1);
  expect(surrogate.gain(ORIGIN, [0, 0, 1]).mean).toBeGreaterThan(0.6);
  expect(surrogate.gain(ORIGIN, [1, 0, 1]).mean).toBeGreaterThan(surrogate.gain(ORIGIN, [0, 0, 1]).mean);
});

test('goes on in a direction that helped once', () => {
  const surrogate = fitSurrogate({
    kinds: KINDS,
    weights: WEIGHTS,
    origin: ORIGIN,
    observations: observe([ORIGIN, [1.5, 0, 0], [0, 1, 0]]),
  });
  const promise = (point: number[]) => expectedImprovement(surrogate.gain([1.5, 0, 0], point));
  expect(promise([2.5, 0, 0])).toBeGreaterThan(promise([0.5, 0, 0]));
  expect(promise([1.5, -1, 0])).toBeGreaterThan(promise([1.5, 1, 0]));
});

test('doubts most what was never tried, and nothing about staying', () => {
  const surrogate = fitSurrogate({
    kinds: KINDS,
    weights: WEIGHTS,
    origin: ORIGIN,
    observations: observe([ORIGIN, [1, 0, 0]]),
  });
  expect(surrogate.gain(ORIGIN, ORIGIN)).toEqual({ mean: 0, sd: 0 });
  expect(surrogate.gain(ORIGIN, [0, 1, 0]).sd).toBeGreaterThan(surrogate.gain(ORIGIN, [1, 0, 0]).sd);
});

test('has a belief before anything was measured', () => {
  const gain = fitSurrogate({ kinds: KINDS, weights: WEIGHTS, origin: ORIGIN, observations: [] }).gain(
    ORIGIN,
    [1, 1, 1],
  );
  expect(Number.isFinite(gain.mean) && gain.sd > 0).toBe(true);
});

test('expected improvement is that of a normal distribution', () => {
  expect(expectedImprovement({ mean: 0, sd: 1 })).toBeCloseTo(0.39894, 4);
  expect(expectedImprovement({ mean: 1, sd: 2 })).toBeCloseTo(1.3956, 4);
  expect(expectedImprovement({ mean: -1, sd: 0 })).toBe(0);
  expect(expectedImprovement({ mean: 2, sd: 0 })).toBe(2);
});
