// Which live training an open session still wants on this host, by what it says of itself.
import { expect, it } from 'vitest';
import { wantsTrial } from '../src/sweeper.ts';

const WHAT = { stage: 'train', seed: 1, hypothesis: 'x', since: '2026-01-01T00:00:00Z', seconds: 6 } as const;
const lane = (experiment: number) => ({ experiment, trial: 1, ...WHAT });
const own = { trial: 'night/3/1', hostId: 'here' };
const session = (...experiments: number[]) => {
  const lanes = experiments.map(lane);
  return { session: 'night', running: lanes[0] ?? null, lanes, parallel: 2 };
};

it('wants what one of its lanes runs here, or what nobody has reported of yet', () => {
  expect(wantsTrial(session(2, 3), [{ trial: '3/1', hostId: 'here' }], own)).toBe(true);
  expect(wantsTrial(session(2, 3), [{ trial: '2/1', hostId: 'elsewhere' }], own)).toBe(true);
});

it('wants what another host has taken over here no more, whether or not another lane is idle', () => {
  expect(wantsTrial(session(2, 3), [{ trial: '3/1', hostId: 'elsewhere' }], own)).toBe(false);
  expect(wantsTrial(session(3), [{ trial: '3/1', hostId: 'elsewhere' }], own)).toBe(false);
});

it('wants what no lane runs only while one is about to ask for something', () => {
  expect(wantsTrial(session(2), [], own)).toBe(true);
  expect(wantsTrial(session(2, 4), [], own)).toBe(false);
});

it('reads the reports of older sessions, which have one lane and whose device workers do not say which trial', () => {
  const old = { session: 'night', running: lane(3) };
  expect(wantsTrial(old, [{ hostId: 'here' }], own)).toBe(true);
  expect(wantsTrial(old, [{ hostId: 'elsewhere' }], own)).toBe(false);
  expect(wantsTrial({ session: 'night', running: null }, [], own)).toBe(true);
});
