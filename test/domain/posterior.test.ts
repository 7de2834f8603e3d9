import { expect, it } from 'vitest';
import { isBeyondDoubt, posterior, priceOf } from '../../src/domain/posterior.ts';

const seen = (difference: number, variance = 1.2, degrees = 5) => posterior({ difference, variance, degrees });

it('doubts: a single trial that looks one and a half s better may well be nothing', () => {
  const { better, mean } = seen(1.5);
  expect(better).toBeLessThan(0.6);
  expect(mean).toBeLessThan(0.75);
});

it('believes more the more there is to see, and the less noise there is in it', () => {
  const differences = [-2, 0, 1, 2, 3, 5, 10];
  const believed = differences.map((difference) => seen(difference).better);
  expect(believed.toSorted((left, right) => left - right)).toEqual(believed);
  expect(seen(2, 0.3).better).toBeGreaterThan(seen(2, 1.2).better);
  expect(seen(3, 1.2, 50).better).toBeGreaterThan(seen(3, 1.2, 2).better);
});

it('does not count no gain as a gain', () => {
  const { better, above } = seen(0, 1e-4, 1000);
  expect(better).toBeLessThan(0.45);
  expect(better).toBe(above(0));
});

it('is sure of what is beyond its grid', () => {
  expect(seen(25)).toMatchObject({ better: 1, worthwhile: 1 });
  expect(isBeyondDoubt(25)).toBe(true);
});

it('asks more of more code, in steps, and nothing of less', () => {
  expect([-20, 0, 4, 10, 20, 100].map(priceOf)).toEqual([0, 0, 0, 0.05, 0.1, 0.5]);
  const priced = posterior({ difference: 2, variance: 0.5, degrees: 5, price: 0.5 });
  expect(priced.better).toBeLessThan(seen(2, 0.5).better);
});
