import { expect, test } from 'vitest';
import { createRandomNumbers } from '../../src/proposer/random-numbers.ts';

function draw(seed: number, count: number, kind: 'uniform' | 'normal'): number[] {
  const random = createRandomNumbers(seed);
  return Array.from({ length: count }, () => random[kind]());
}

test('equal seeds give equal streams, neighbouring and large ones give others', () => {
  expect(draw(7, 5, 'uniform')).toEqual(draw(7, 5, 'uniform'));
  const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 40, -1].map((seed) => draw(seed, 1, 'uniform')[0]);
  expect(new Set(firsts).size).toBe(firsts.length);
});

test('has the means and spreads of its distributions', () => {
  const uniform = draw(1, 20_000, 'uniform');
  expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(uniform.reduce((sum, value) => sum + value, 0) / 20_000).toBeCloseTo(0.5, 1);
  const normal = draw(2, 20_000, 'normal');
  expect(normal.reduce((sum, value) => sum + value, 0) / 20_000).toBeCloseTo(0, 1);
  expect(normal.reduce((sum, value) => sum + value ** 2, 0) / 20_000).toBeCloseTo(1, 1);
});
