import { expect, it } from 'vitest';
import { heedsSeed, sameOnSeeds, unsteadyIn } from '../../src/domain/same-on-seeds.ts';

const trial = (seed: number, value: number | null, speed: number, more: Record<string, number> = {}) => ({
  seed,
  value,
  metrics: { speed, ...more },
});

it('finds one value on all seeds, unless a steady metric tells them apart', () => {
  const [one, other] = [trial(1, 0.5, 100, { params: 7 }), trial(2, 0.5, 101, { params: 7 })];
  expect(sameOnSeeds([one, other], ['speed'])).toEqual({ seeds: 2, value: 0.5 });
  expect(sameOnSeeds([one, other, trial(3, 0.6, 100, { params: 7 })], ['speed'])).toBeNull(); // by chance
  expect(sameOnSeeds([one, other])).toBeNull();
  expect(sameOnSeeds([one, trial(2, 0.5, 100, { params: 8 })], ['speed'])).toBeNull();
  expect(sameOnSeeds([one, trial(2, 0.5, 100)], ['speed'])).toBeNull();
  expect(sameOnSeeds([one, one], ['speed'])).toBeNull(); // one seed
  expect(sameOnSeeds([trial(1, null, 1), trial(2, null, 1)])).toBeNull();
});

it('learns from the repeats of one seed which metrics say nothing of it', () => {
  expect(unsteadyIn([trial(1, 0.5, 100), trial(2, 0.6, 110), trial(1, 0.5, 105, { extra: 1 })])).toEqual([
    'speed',
    'extra',
  ]);
  expect(unsteadyIn([trial(1, 0.5, 100), trial(2, 0.6, 110)])).toEqual([]);
});

it('takes trials on one seed for no sign that it matters', () => {
  expect(heedsSeed([trial(1, 0.5, 1), trial(1, 0.6, 1)])).toBe(false);
  expect(heedsSeed([trial(1, 0.5, 1), trial(2, 0.6, 1)])).toBe(true);
  expect(heedsSeed([trial(1, 0.5, 1), trial(2, 0.6, 1), trial(3, 0.6, 1)])).toBe(false);
});
