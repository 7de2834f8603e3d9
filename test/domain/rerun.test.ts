import { expect, it } from 'vitest';
import {
  earlierRun,
  lateReason,
  rerunReason,
  runNumber,
  secondsOf,
  trialName,
  type EarlierRun,
} from '../../src/domain/rerun.ts';
import { usualOf } from '../../src/domain/flags.ts';
import { newTrial, trialOf } from './trials.ts';

const FAULT = trialOf({ value: null, failure: 'killed', crash: { class: 'killed-by-machine', fault: 'machine' } });
const CRASH = trialOf({ value: null, failure: 'boom', crash: { class: 'nan', fault: 'idea' } });
const DISTURBED = trialOf({ disturbed: 'another process had the GPU too' });
const fault: EarlierRun = { trial: 1, value: null, seconds: 2, reason: 'killed', fault: 'machine' };
const disturbed: EarlierRun = { trial: 1, value: 1, seconds: 3, reason: 'shared', fault: 'disturbed' };

it("runs again what the machine spoiled, at most twice, and never the idea's own crash", () => {
  expect(rerunReason(FAULT, [], false)).toBe('killed');
  expect(rerunReason(FAULT, [fault], false)).toBe('killed');
  expect(rerunReason(FAULT, [fault, fault], false)).toBeNull();
  expect(rerunReason(CRASH, [], false)).toBeNull();
  expect(rerunReason(trialOf(), [], false)).toBeNull();
});

it('runs again what was disturbed, once, and not on a device where that does not help', () => {
  expect(rerunReason(DISTURBED, [], false)).toBe('another process had the GPU too');
  expect(rerunReason(DISTURBED, [disturbed], false)).toBeNull();
  expect(rerunReason(DISTURBED, [], true)).toBeNull();
  expect(rerunReason(DISTURBED, [fault, fault], false)).toBe('another process had the GPU too');
});

it('takes a crash on a disturbed device for the crash that it is', () => {
  expect(rerunReason({ ...CRASH, disturbed: 'shared' }, [], false)).toBeNull();
});

it('runs a gain again that was late, once: a busy machine is late now and then, a trick every time', () => {
  const usual = usualOf([newTrial({ seconds: 60.5, budgetSeconds: 60 })]);
  const believed = { usual, incumbent: 1.1, direction: 'minimize' } as const;
  const late = trialOf({ seconds: 62 });
  expect(lateReason(late, [], believed)).toBe('it ran for 62 s, 1.5 s longer than any trial of the baseline');
  expect(lateReason(late, [disturbed], believed)).toBeNull();
  expect(lateReason(trialOf({ seconds: 60.6 }), [], believed)).toBeNull();
  // Nobody holds it against what is not better, or not to be kept.
  expect(lateReason(late, [], { ...believed, incumbent: 0.9 })).toBeNull();
  expect(lateReason({ ...late, value: null }, [], believed)).toBeNull();
  expect(lateReason({ ...late, role: 'incumbent' }, [], believed)).toBeNull();
});

it('gives each run a number that no other trial has, and people the number they know', () => {
  expect([0, 1, 2].map((k) => runNumber(3, k))).toEqual([3, 10_000_000_003, 20_000_000_003]);
  expect([3, 10_000_000_003, 20_000_000_003, 1601 * 5000].map(trialName)).toEqual([
    '3',
    '3 again',
    '3 again (2)',
    '8005000',
  ]);
});

it('keeps of a run that does not count its number, value, seconds and why', () => {
  expect(earlierRun(FAULT, 'killed')).toEqual({
    trial: 1,
    value: null,
    seconds: 61,
    reason: 'killed',
    fault: 'machine',
  });
  expect(earlierRun(DISTURBED, 'shared')).toMatchObject({ value: 1, fault: 'disturbed' });
  expect(secondsOf(trialOf({ earlier: [fault, disturbed] }))).toBe(66);
});
