import { describe, expect, it } from 'vitest';
import { askedMetric, askedValue, hasMissed, missOf, targetOf, timed, whyNoValue } from '../../src/domain/target.ts';
import { newTrial } from './trials.ts';

const least = targetOf({ target: 'val_bpb <= 3.28' });
const most = targetOf({ target: 'accuracy >= 0.94' });
if (least === undefined || most === undefined) throw new Error('Expected two targets.');
const told = (value: number, metrics: Record<string, number> = {}) => ({ value, metrics });

it('reads what is to be reached, however it is spaced', () => {
  expect(least).toMatchObject({ metric: 'val_bpb', direction: 'minimize', value: 3.28 });
  expect(most).toMatchObject({ metric: 'accuracy', direction: 'maximize', value: 0.94 });
  expect(targetOf({ target: 'loss<=-1e-2' })).toMatchObject({ metric: 'loss', direction: 'minimize', value: -0.01 });
  expect(targetOf({})).toBeUndefined();
});

describe('a training against its target', () => {
  it('is scored by its seconds, whatever anybody prints as those, and beside them by what it reached', () => {
    const { value, metrics, missed } = timed(least, told(3.27, { val_bpb: 9, seconds: 0.1, steps: 7 }), 41.5);
    expect(value).toBe(41.5);
    expect(metrics).toEqual({ val_bpb: 3.27, seconds: 41.5, steps: 7 });
    expect(missed).toBeUndefined();
  });

  it('reaches it at the value itself, and misses it beyond, whichever way that is', () => {
    expect(timed(least, told(3.28), 1).missed).toBeUndefined();
    expect(timed(least, told(3.31), 1).missed).toBeCloseTo(0.03, 12);
    expect(timed(most, told(0.94), 1).missed).toBeUndefined();
    expect(timed(most, told(0.9), 1).missed).toBeCloseTo(0.04, 12);
  });

  it('says how far it was', () => {
    const trialOf = (target: typeof least, reached: number) => newTrial(timed(target, told(reached), 1));
    expect(missOf(least, trialOf(least, 3.31))).toBe('reached 3.31, 0.03 short of val_bpb <= 3.28');
    expect(missOf(most, trialOf(most, 0.9))).toBe('reached 0.9, 0.04 short of accuracy >= 0.94');
    expect(missOf(least, trialOf(least, 3.28))).toBeUndefined();
    const elsewhere = { ...trialOf(least, 3.27), missed: 0.05 };
    expect(missOf(least, elsewhere)).toBe('reached 3.33, 0.05 short of val_bpb <= 3.28 on sealed data');
  });
});

it('takes no miss of the incumbent, measured again beside a candidate, for one of the candidate', () => {
  const trials = [newTrial({ role: 'candidate' }), newTrial({ role: 'incumbent', missed: 0.1 })];
  expect(hasMissed({ trials })).toBe(false);
  expect(hasMissed({ trials: [...trials, newTrial({ role: 'candidate', missed: 0.1 })] })).toBe(true);
});

it('knows why nothing can be judged against a trial', () => {
  const task = { target: 'val_bpb <= 3.28' };
  expect(whyNoValue(task, newTrial())).toBeUndefined();
  expect(whyNoValue(task, newTrial({ value: null, failure: 'exited with code 1' }))).toBe('exited with code 1');
  expect(whyNoValue(task, newTrial({ missed: 0.03 }))).toMatch(/^reached 3\.31, /);
  expect(whyNoValue({}, newTrial())).toBeUndefined();
  expect(whyNoValue({}, newTrial({ failedCheck: 'check "tests" failed: exit code 1' }))).toMatch(/^check "tests"/);
});

it('asks a scorer for what is to be reached, and for the metric where nothing is', () => {
  const metric = { name: 'seconds', direction: 'minimize', untrained: 0.1 } as const;
  const task = { metric, target: 'accuracy >= 0.94' };
  expect(askedMetric(task)).toMatchObject({ name: 'accuracy', direction: 'maximize', untrained: 0.1 });
  expect(askedMetric({ metric })).toMatchObject({ name: 'seconds', direction: 'minimize' });
  expect(askedValue(task, { value: 12, metrics: { accuracy: 0.9 } })).toBe(0.9);
  expect(askedValue(task, { value: null, metrics: {} })).toBeNull();
  expect(askedValue({ metric }, { value: 12, metrics: {} })).toBe(12);
});
