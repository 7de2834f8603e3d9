import { describe, expect, it } from 'vitest';
import { advance, begin, moveTo, type Course, type Tried } from '../../src/domain/course.ts';
import { courseOf } from '../../src/domain/ledger-course.ts';
import type { ExperimentRecord, Trial } from '../../src/domain/experiment.ts';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { newRecord, openEvent } from '../git/sandbox.ts';
import { newTrial } from './trials.ts';

const AT = '2026-11-25T00:00:00.000Z';
const trial = (number: number, value: number | null, more: Partial<Trial> = {}): Trial =>
  newTrial({ trial: number, value, ...more });
const seeds = [1.01, 0.99, 1, 1.02, 0.98].map((value, k) => trial(k + 1, value));
const repeats = [1.05, 1.03].map((value, k) => trial(k + 6, value, { role: 'repeat', seed: 1 }));
const baseline = {
  version: 1,
  kind: 'baseline',
  at: AT,
  commit: 'base',
  trials: [...seeds, ...repeats],
  prior: 0.02,
} as const;
const started = (): Course => {
  const course = begin({ ...baseline, trials: [...baseline.trials] }, 'minimize', null);
  if (course === null) throw new Error('Expected a baseline.');
  return course;
};
const candidate = (...values: number[]) =>
  values.map((value, k) => trial(k + 1, value, { role: 'candidate', commit: 'c1' }));
const incumbent = (number: number, value: number) => trial(number, value, { role: 'incumbent' });
const tried = (more: Partial<Tried>): Tried => ({
  experiment: 1,
  verdict: 'discard',
  rule: 'default',
  candidate: 'c1',
  trials: [],
  ...more,
});

const record = (experiment: number, more: Partial<ExperimentRecord>): ExperimentRecord => ({
  ...newRecord(experiment),
  rule: 'default',
  ...more,
});

describe('a calibration', () => {
  it('measures the baseline by its seeds; repeats of one seed are no measurements of it', () => {
    const { baseline: belief, incumbent: best, incumbentTrials } = started();
    expect(belief).toMatchObject({ commit: 'base', experiment: 0, value: expect.closeTo(1, 10), trials: 5 });
    expect(best).toEqual(belief);
    expect(incumbentTrials).toBe(7); // numbers are folders: repeats have theirs
  });

  it('is none without a value', () => {
    expect(begin({ commit: 'base', trials: [trial(1, null)] }, 'minimize', null)).toBeNull();
  });

  it('counts a trial that was done again after trouble by the number that it stands for', () => {
    const again = [trial(1601, 1), trial(2, 1.1)];
    expect(begin({ commit: 'base', trials: again }, 'minimize', null)?.incumbentTrials).toBe(2);
  });
});

describe('an experiment', () => {
  it('that is kept makes its candidate the incumbent, believed less than its trials say', () => {
    const {
      incumbent: best,
      baseline: base,
      incumbentTrials,
    } = advance(started(), tried({ verdict: 'keep', trials: candidate(0.9, 0.91) }), 'minimize');
    expect(best).toMatchObject({ commit: 'c1', experiment: 1, trials: 2 });
    expect(best.value).toBeGreaterThan(0.905);
    expect(best.value).toBeLessThan(1);
    expect(base.value).toBeCloseTo(1, 10);
    expect(incumbentTrials).toBe(2);
  });

  it('measures the incumbent again on the way: the baseline too, while that is the best', () => {
    const again = advance(started(), tried({ trials: [...candidate(0.98), incumbent(8, 1.1)] }), 'minimize');
    expect(again.incumbent).toMatchObject({ commit: 'base', trials: 6 });
    expect(again.incumbent.value).toBeGreaterThan(1);
    expect(again.baseline).toEqual(again.incumbent);
    expect(again.incumbentTrials).toBe(8);
  });

  it('that was ended before it trained changes nothing', () => {
    expect(advance(started(), tried({ verdict: 'dropped', candidate: null }), 'minimize')).toEqual(started());
  });

  it('judged by a rule that this version does not know is taken at its values', () => {
    const { incumbent: best } = advance(
      started(),
      tried({ verdict: 'keep', rule: 'oracle', trials: candidate(0.9, 0.8) }),
      'minimize',
    );
    expect(best.value).toBeCloseTo(0.85, 10);
  });
});

it('goes on with the noise that was known where a person moved the line', () => {
  const moved = moveTo(started(), { to: 'theirs', trials: [trial(1601, 0.7), trial(3202, 0.72)] }, 'minimize');
  expect(moved?.incumbent).toMatchObject({
    commit: 'theirs',
    experiment: 0,
    value: expect.closeTo(0.71, 10),
    trials: 2,
  });
  expect(moved?.standing.noise.degrees).toBe(5);
});

it('reads out of a ledger what the running session believed, step by step', () => {
  const experiments = [
    record(1, { verdict: 'keep', candidate: 'c1', trials: candidate(0.9, 0.91) }),
    record(2, {
      verdict: 'discard',
      trials: [trial(1, 0.95, { role: 'candidate' }), trial(3, 0.93, { role: 'incumbent', commit: 'c1' })],
    }),
    record(3, {
      verdict: 'keep',
      candidate: 'c3',
      trials: [trial(1, 0.5, { role: 'candidate' }), trial(2, 0.52, { role: 'candidate' })],
    }),
  ];
  const moved = {
    version: 1,
    kind: 'moved',
    at: AT,
    from: 'c1',
    to: 'theirs',
    after: 2,
    trials: [trial(1601, 0.8)],
  } as const;
  const events: LedgerEvent[] = [
    openEvent('base'),
    { ...baseline, trials: [...baseline.trials] },
    { ...moved, trials: [...moved.trials] },
  ];
  let live: Course = started();
  live = advance(live, tried({ ...experiments[0], netLines: 0 }), 'minimize');
  live = advance(live, tried({ ...experiments[1], netLines: 0 }), 'minimize');
  live = moveTo(live, { to: 'theirs', trials: [...moved.trials] }, 'minimize') ?? live;
  const beforeLast = courseOf({ events, experiments: experiments.slice(0, 2) });
  expect(beforeLast).toEqual(live);
  live = advance(live, tried({ ...experiments[2], netLines: 0 }), 'minimize');
  expect(courseOf({ events, experiments })).toEqual(live);
  expect(live.incumbent).toMatchObject({ commit: 'c3', experiment: 3 });
});

const once = (value: number) => [trial(1, value, { role: 'candidate' })];

describe('experiments that overlap', () => {
  const events: LedgerEvent[] = [openEvent('base'), { ...baseline, trials: [...baseline.trials] }];
  const experiments = [
    record(1, { verdict: 'discard', order: { begun: 0, decided: 3 }, trials: [...once(0.95), incumbent(8, 1.1)] }),
    record(2, { verdict: 'discard', order: { begun: 0, decided: 1 }, trials: [...once(1.2), incumbent(9, 0.9)] }),
    record(3, { verdict: 'keep', candidate: 'c3', order: { begun: 1, decided: 2 }, trials: candidate(0.5, 0.52) }),
    record(4, { verdict: 'discard', trials: [...once(0.7), incumbent(3, 0.51)] }),
  ];

  it('are judged by what was believed when they began, and believed in the order of their verdicts', () => {
    const told: (readonly [number, Course])[] = [];
    const end = courseOf({ events, experiments }, (of, before) => told.push([of.experiment, before]));
    const step = (course: Course, k: number) => advance(course, experiments[k] as Tried, 'minimize');
    const first = step(started(), 1);
    const second = step(first, 2);
    const third = step(second, 0);
    expect(told).toEqual([
      [2, started()],
      [3, first],
      [1, started()],
      [4, third],
    ]);
    expect(first.incumbent.trials).toBe(6);
    // What it measured of the baseline tells nothing of the new incumbent.
    expect(third.incumbent).toEqual(second.incumbent);
    expect(end).toEqual(step(third, 3));
  });

  it('tell of one incumbent what each of them measured', () => {
    const both = [experiments[0], experiments[1]].map((of) => ({
      ...(of as ExperimentRecord),
      verdict: 'discard' as const,
    }));
    const swapped = both.map((of, k) => ({ ...of, order: { begun: 0, decided: k + 1 } }));
    expect(courseOf({ events, experiments: swapped })?.incumbent).toMatchObject({ commit: 'base', trials: 7 });
    expect(courseOf({ events, experiments: swapped })?.incumbentTrials).toBe(9);
  });
});
