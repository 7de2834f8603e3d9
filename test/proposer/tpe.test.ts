import { expect, test } from 'vitest';
import { createRandomNumbers } from '../../src/proposer/random-numbers.ts';
import { createChoiceTpe, createPositionTpe, splitByQuality, type Seen } from '../../src/proposer/tpe.ts';

const RANGE = { low: -5, high: 5, centre: 0, width: 1.5 };
/** A valley at 2, seen from everywhere; the far end crashes. */
const VALLEY: Seen[] = Array.from({ length: 40 }, (_, i) => i / 4 - 5).map((position) => ({
  position,
  score: position > 4 ? null : (position - 2) ** 2,
}));

test('suggests positions where good results are dense', () => {
  const random = createRandomNumbers(3);
  const tpe = createPositionTpe(VALLEY, RANGE);
  const suggested = Array.from({ length: 100 }, () => tpe.suggest(random));
  expect(suggested.filter((position) => Math.abs(position - 2) < 1.5).length).toBeGreaterThan(90);
  expect(tpe.logRatio(2)).toBeGreaterThan(tpe.logRatio(-3));
  expect(tpe.logRatio(2)).toBeGreaterThan(tpe.logRatio(4.8));
});

test('stays near its prior when nothing was seen, and always in its range', () => {
  const random = createRandomNumbers(4);
  const suggested = Array.from({ length: 200 }, () => createPositionTpe([], { ...RANGE, low: -1 }).suggest(random));
  expect(Math.min(...suggested)).toBeGreaterThanOrEqual(-1);
  expect(suggested.filter((position) => Math.abs(position) < 3).length).toBeGreaterThan(180);
});

test('suggests choices that did well, and now and then those never tried', () => {
  const random = createRandomNumbers(5);
  const seen = Array.from({ length: 12 }, (_, i) => ({ position: i % 2, score: i % 2 }));
  const tpe = createChoiceTpe(seen, 3);
  const counts = [0, 0, 0];
  for (let i = 0; i < 300; i++) {
    const choice = tpe.suggest(random);
    counts[choice] = (counts[choice] ?? 0) + 1;
  }
  expect(counts[0]).toBeGreaterThan(counts[1] ?? 0);
  expect(counts[2]).toBeGreaterThan(10);
});

test('never counts a crash as good', () => {
  const { good, bad } = splitByQuality([
    { position: 0, score: null },
    { position: 1, score: null },
    { position: 2, score: null },
    { position: 3, score: null },
    { position: 4, score: 9 },
    { position: 5, score: null },
  ]);
  expect(good).toEqual([{ position: 4, score: 9 }]);
  expect(bad).toHaveLength(5);
});
