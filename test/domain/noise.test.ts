import { expect, test } from 'vitest';
import { noiseInterval, noiseText, spreadsMore } from '../../src/domain/noise.ts';

const two = (value: number): string => value.toPrecision(2);

test('the interval of a noise is that of chi squared, and narrows with what is known', () => {
  // R: sqrt(6 / qchisq(c(.975, .025), 6)) is 0.6444 and 2.2021.
  const { low, high } = noiseInterval(1, 6);
  expect(low).toBeCloseTo(0.6444, 2);
  expect(high).toBeCloseTo(2.2021, 1);
  expect(noiseInterval(1, 100).high).toBeLessThan(1.2);
});

test('a noise is told with its interval, as far as one is known', () => {
  expect(noiseText({ noise: 0.012, degrees: 6 }, two)).toBe('0.012 (95 %: 0.0077 to 0.027)');
  expect(noiseText({ noise: 0.012, degrees: 1 }, two)).toMatch(/^0\.012 \(95 %: (at least )?0\.005/);
  expect(noiseText({ noise: 0.012 }, two)).toBe('0.012');
  expect(noiseText({ noise: 0, degrees: 4 }, two)).toBe('0.0');
  expect(noiseText({ noise: null, degrees: null }, two)).toBe('unknown');
});

const pool = (variance: number, degrees: number) => ({ squares: variance * degrees, degrees });

test('a spread is more than chance explains from the upper hundredth of F on', () => {
  // R: qf(.99, 14, 5) is 9.770, qf(.99, 7, 30) is 3.304.
  for (const [above, below, point] of [
    [14, 5, 9.77],
    [7, 30, 3.304],
  ] as const) {
    expect(spreadsMore(pool(0.88 * point, above), pool(1, below))).toBe(false);
    expect(spreadsMore(pool(1.12 * point, above), pool(1, below))).toBe(true);
  }
  expect(spreadsMore(pool(1, 3), pool(0, 4))).toBe(true);
  expect(spreadsMore(pool(1, 3), pool(0, 0))).toBe(false);
  expect(spreadsMore(pool(1, 0), pool(0, 4))).toBe(false);
});
