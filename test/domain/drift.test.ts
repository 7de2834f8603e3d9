import { expect, it } from 'vitest';
import { driftOf, driftSentence, stepsPerSecond } from '../../src/domain/drift.ts';
import { trialOf } from './trials.ts';

const trials = (...steps: number[]) => steps.map((count) => trialOf({ steps: count }));

it('sees identical code run more than 2 % slower or faster than before', () => {
  expect(driftOf(trials(6000, 6060, 6100))).toBeNull();
  expect(driftOf(trials(6000, 6000, 5870))).toMatchObject({ before: 100, change: expect.closeTo(-0.0217, 4) });
  expect(driftOf(trials(6000, 6000, 6130))).toMatchObject({ change: expect.closeTo(0.0217, 4) });
});

it('takes for no drift what is no more than usual on a device that is never quiet, and what one earlier trial says', () => {
  expect(driftOf(trials(5700, 6300, 5400))).toBeNull(); // 5 % up and down before, 10 % now
  expect(driftOf(trials(5940, 6060, 5400))).not.toBeNull();
  expect(driftOf(trials(6000, 5400))).toBeUndefined();
});

it('compares the last trial with those of its own commit, device and budget alone', () => {
  const last = trialOf({ steps: 6000 });
  const slow = { steps: 1000 };
  expect(driftOf([trialOf(slow), trialOf(slow), last])).toMatchObject({ before: expect.closeTo(16.7, 1) });
  for (const other of [{ commit: 'b' }, { hostId: 'other' }, { device: 'gpu0' }, { budgetSeconds: 30 }])
    expect(driftOf([trialOf({ ...slow, ...other }), trialOf({ ...slow, ...other }), last])).toBeUndefined();
});

it('says nothing without steps, or of so few that one more is a drift', () => {
  expect(driftOf([])).toBeUndefined();
  expect(driftOf([trialOf({ steps: 6000 })])).toBeUndefined();
  expect(driftOf([trialOf(), trialOf(), trialOf({ steps: 6000 })])).toBeUndefined();
  expect(driftOf(trials(6000, 6000, 99))).toBeUndefined();
  expect(stepsPerSecond(trialOf({ steps: 99 }))).toBeNull();
});

it('measures a training that fills its budget by the budget, one that ends before it by its time', () => {
  expect(stepsPerSecond(trialOf({ steps: 600, seconds: 75 }))).toBe(10);
  expect(stepsPerSecond(trialOf({ steps: 600, seconds: 30 }))).toBe(20);
});

it('says which device is slower by how much', () => {
  const drift = driftOf(trials(6000, 6000, 5400));
  expect(drift && driftSentence(drift)).toBe(
    'Drift: cpu ran aaaaaaa 10.0 % slower than before: 90 steps per second, 100 before.',
  );
});
