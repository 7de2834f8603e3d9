import { expect, test } from 'vitest';
import { pText, signedRankP } from '../../bench/statistics.ts';

test('the signed ranks of nine patients are as unlikely as R’s wilcox.test says', () => {
  // Hollander and Wolfe (1973), 29: V = 40, p-value = 0.01953.
  const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
  const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
  expect(signedRankP(before.map((value, k) => value - (after[k] ?? 0)))).toBeCloseTo(0.01953, 5);
});

test('six pairs that all point one way leave one chance in 64, the other way none', () => {
  expect(signedRankP([1, 2, 3, 4, 5, 6])).toBe(1 / 64);
  expect(signedRankP([-1, -2, -3, -4, -5, -6])).toBe(1);
});

test('equal sizes share their ranks, and what does not differ says nothing', () => {
  // Sizes 1, 1, 2 have ranks 1.5, 1.5, 3: of eight signs, (+ + +) and (- + +) or (+ - +) reach 4.5.
  expect(signedRankP([1, -1, 2])).toBe(3 / 8);
  expect(signedRankP([1, -1, 2, 0, 0])).toBe(3 / 8);
  expect([signedRankP([]), signedRankP([0])]).toEqual([1, 1]);
});

test('forty pairs are no more work than six', () => {
  expect(signedRankP(Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? 1 : -1) * (k + 1)))).toBeGreaterThan(0.4);
  expect(signedRankP(Array.from({ length: 40 }, (_, k) => k + 1))).toBeCloseTo(2 ** -40, 15);
});

test('a chance is told with three digits, and never as none', () => {
  expect([pText(1 / 64), pText(0.0004)]).toEqual(['p = 0.016', 'p < 0.001']);
});
