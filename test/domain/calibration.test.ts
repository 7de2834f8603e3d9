import { expect, it } from 'vitest';
import {
  machineNoise,
  noiseProblem,
  repeatProblem,
  sealedProblem,
  shownNoise,
  speedVariation,
} from '../../src/domain/calibration.ts';
import type { Trial } from '../../src/domain/experiment.ts';
import { newTrial } from './trials.ts';

const seeds = (...values: number[]): Trial[] => values.map((value, k) => newTrial({ trial: k + 1, value }));
const repeats = (...values: number[]): Trial[] =>
  values.map((value, k) => newTrial({ trial: 6 + k, value, role: 'repeat', seed: 1 }));

it('shows the noise from seed to seed apart from what the machine does to one seed', () => {
  const trials = [...seeds(1, 1.2, 0.8), ...repeats(1.02, 0.98)];
  expect(shownNoise(trials)).toBeCloseTo(0.2, 10);
  expect(machineNoise(trials)).toBeCloseTo(0.02, 10);
  expect(machineNoise(seeds(1, 2))).toBeNull();
  expect(shownNoise(seeds(1))).toBeNull();
});

it('shows how much the speed varied, where steps are counted', () => {
  const trials = [1000, 1100, 900].map((steps, k) => newTrial({ trial: k + 1, steps, seconds: 1, budgetSeconds: 1 }));
  expect(speedVariation(trials)).toBeCloseTo(0.1, 10);
  expect(speedVariation(seeds(1, 2))).toBeNull();
});

it('finds a metric that no seed changes but the same seed does', () => {
  expect(repeatProblem([...seeds(1, 1, 1), ...repeats(1, 1.1)])).toMatch(/first seed to give 1 again.*got 1\.1:/);
  expect(repeatProblem([...seeds(1, 1, 1), ...repeats(1, 1)])).toBeNull();
  expect(repeatProblem([...seeds(1, 1.1), ...repeats(1, 1.1)])).toBeNull();
});

it('says that the noise is more than twice what it used to be, and whether it is the machine', () => {
  const quiet = seeds(1, 1.01, 0.99);
  expect(noiseProblem(quiet, null)).toBeNull();
  expect(noiseProblem(quiet, 0.006)).toBeNull();
  expect(noiseProblem([...quiet, ...repeats(1.02)], 0.004)).toMatch(/so it is the machine/);
  expect(noiseProblem([...quiet, ...repeats(1)], 0.004)).toMatch(/the machine alone does not vary as much/);
});

const both = (...sealed: (number | null)[]): Trial[] =>
  seeds(1, 1.2).map((trial, k) => ({ ...trial, ...(sealed[k] != null && { sealed: { value: sealed[k] } }) }));

it('finds a scorer that knows no sealed data by what it says of the baseline in two trials at least', () => {
  const task = { score: { run: 'score', seconds: 1, sealed: true } };
  expect(sealedProblem(both(1, 1.2), task)).toMatch(/exactly the same value .* in 2 of 2 trials/);
  expect(sealedProblem(both(1, 1.3), task)).toBeNull();
  expect(sealedProblem(both(1), task)).toBeNull();
  expect(sealedProblem(both(), task)).toMatch(/gave no value of the baseline on sealed data/);
  expect(sealedProblem(both(), { score: { ...task.score, sealed: false } })).toBeNull();
  expect(sealedProblem(both(1, 1.2), { ...task, target: 'loss <= 1' })).toBeNull();
});
