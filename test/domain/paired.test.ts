import { expect, it } from 'vitest';
import { logRatio, medianOf, ratioOf, scoringSeconds, turnsOf } from '../../src/domain/paired.ts';
import { taskSchema } from '../../src/domain/task.ts';

/** What both arms' runs say on a machine whose speed changes from run to run. */
function measured(blocks: number, candidate: number, baseline: number, slowness: (run: number) => number) {
  const runs = turnsOf(blocks).map((arm, run) => ({ arm, value: { candidate, baseline }[arm] * slowness(run) }));
  const of = (wanted: string) => runs.flatMap(({ arm, value }) => (arm === wanted ? [value] : []));
  return logRatio(of('candidate'), of('baseline'));
}

it('takes turns in blocks that begin and end with the baseline', () => {
  const block = ['baseline', 'candidate', 'candidate', 'baseline'];
  expect(turnsOf(2)).toEqual([...block, ...block]);
});

it('is the logarithm of how many times the baseline’s a candidate’s median is', () => {
  expect(measured(10, 1.6, 2, () => 1)).toBeCloseTo(Math.log(0.8), 12);
  expect(ratioOf(measured(10, 1.6, 2, () => 1))).toBeCloseTo(0.8, 12);
  expect(measured(10, 2, 2, () => 1)).toBe(0);
  expect(measured(10, 2.5, 2, () => 1)).toBeCloseTo(-measured(10, 2, 2.5, () => 1), 12);
});

it('is as good as free of a machine that gets slower all the while, and of single runs that something held up', () => {
  expect(measured(10, 1.6, 2, (run) => 1 + run / 10)).toBeCloseTo(Math.log(0.8), 2);
  expect(measured(10, 1.6, 2, (run) => (run % 4 === 1 ? 1 : run === 6 ? 50 : 1))).toBeCloseTo(Math.log(0.8), 12);
});

it('may take every run of both twice, and the baseline’s training', () => {
  const base = { name: 'a', editable: ['a'], metric: { name: 'ms' }, checks: [{ name: 'a', run: 'b', seconds: 7 }] };
  const train = { run: 'a', seconds: 60, startupSeconds: 40 };
  const task = (score: object) => taskSchema.parse({ ...base, train, score: { run: 'b', seconds: 3, ...score } });
  expect(scoringSeconds(task({}))).toBe(2 * 3 + 7);
  expect(scoringSeconds(task({ paired: 10 }))).toBe(2 * 40 * 3 + 100 + 7);
  expect(scoringSeconds(task({ paired: 10 }), 600)).toBe(2 * 40 * 3 + 640 + 7);
});

it('is of the two in the middle where there are even many', () => {
  expect(medianOf([9, 1, 2, 3])).toBe(2.5);
  expect(medianOf([9, 1, 2])).toBe(2);
});
