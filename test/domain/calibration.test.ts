import { expect, it } from 'vitest';
import {
  boundProblem,
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

it('names what was seen of the machine beside that: its speed, its load, who else had the GPU, what slowed it down', () => {
  const gpu = { name: 'H100', driver: '1', looks: 9, slowedBy: {}, others: [] };
  const python = { name: 'python', memoryMb: 2048, before: true };
  const hot = { ...gpu, slowedBy: { sw_thermal_slowdown: 0.4, hw_thermal_slowdown: 0.2, sw_power_cap: 1 } };
  const looks = [gpu, { ...gpu, others: [python, python] }, { ...hot, others: [python] }];
  const trials = looks.map((look, k) =>
    newTrial({
      trial: k + 1,
      value: 1 + k / 100,
      steps: 1000 - 50 * k,
      seconds: 1,
      environment: { loadBefore: k * 4, loadAfter: 1, gpu: look },
    }),
  );
  expect(noiseProblem(trials, 0.001)).toBe(
    'The noise is 0.01, more than twice the 0.001 of earlier sessions on this kind of device; no seed was repeated to show how much of it is the machine (seen in its trials: steps per second that vary by 5.3 %, a load of 0 to 8 before them, another process (python) on the GPU in 2 of 3 trials, a GPU that was throttled in 1 of 3 trials (it was too hot)).',
  );
  expect(noiseProblem(seeds(1, 1.01, 0.99), 0.001)).toMatch(/\(nothing else was seen of it\)\.$/);
  const still = seeds(1, 1.01).map((trial) => ({ ...trial, environment: { loadBefore: 0.512, loadAfter: 1 } }));
  expect(noiseProblem(still, 0.001)).toMatch(/\(seen in its trials: a load of 0\.51 before them\)\.$/);
});

it('finds a baseline that is better than anything may be, whichever way is better', () => {
  const metric = { name: 'loss', direction: 'minimize', bound: 0.9 } as const;
  expect(boundProblem(seeds(1, 0.9), { metric })).toBeNull();
  expect(boundProblem(seeds(1, 0.8), { metric })).toBe(
    'Expected no loss to be better than `metric.bound` (0.9), got 0.8 of the baseline: the bound or the scorer is wrong.',
  );
  expect(boundProblem(seeds(1, 0.8), { metric: { ...metric, direction: 'maximize' } })).toMatch(
    /got 1 of the baseline/,
  );
  expect(boundProblem(seeds(1), { metric: { name: 'loss', direction: 'minimize' } })).toBeNull();
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
