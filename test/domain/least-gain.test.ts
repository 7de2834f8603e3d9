import { expect, test } from 'vitest';
import { leastOf, smallGain } from '../../src/domain/least-gain.ts';

test.each([
  ['1%', 100, 1, 0.99],
  ['7%', 100, 7, 6.99],
  ['0.5 %', -2, 0.01, 0.0099],
  ['1%', 0, 0, -1e-12],
  [0.02, 1000, 0.02, 0.0199],
])('a least gain of %s over %d: %d is enough, %d is not', (least, incumbent, enough, less) => {
  expect(smallGain({ least, incumbent, gain: enough })).toBeNull();
  expect(smallGain({ least, incumbent, gain: less })).toMatch(/^better, but by less than the /);
});

test('says what was asked, and of what', () => {
  expect(smallGain({ least: '1%', incumbent: 250, gain: 2 })).toBe(
    "better, but by less than the 2.5 that a keep has to gain here, 1 % of the incumbent's 250",
  );
  expect(smallGain({ least: 3, incumbent: 250, gain: 2 })).toBe(
    'better, but by less than the 3 that a keep has to gain here',
  );
});

test('a task that asks for nothing takes any gain', () => {
  expect(smallGain({ least: undefined, incumbent: 1, gain: 1e-30 })).toBeNull();
});

test('a share of a score that is a ratio to the baseline is a share of that, whatever the incumbent is by now', () => {
  const metric = { name: 'latency_ms', direction: 'minimize', least: '1%' } as const;
  const score = { run: 'bench', seconds: 1, sealed: false };
  expect(leastOf({ metric, score })).toBe('1%');
  expect(leastOf({ metric, score: { ...score, paired: 10 } })).toBe(0.01);
  expect(leastOf({ metric: { ...metric, least: 0.02 }, score: { ...score, paired: 10 } })).toBe(0.02);
});
