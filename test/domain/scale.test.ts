import { expect, it } from 'vitest';
import { t95 } from '../../src/domain/audit.ts';
import { retained, retainedText, type ScaleEvidence } from '../../src/domain/scale.ts';
import { createRandomNumbers } from '../../src/proposer/random-numbers.ts';

const evidence = (long: number, more: Partial<ScaleEvidence> = {}): ScaleEvidence => ({
  times: 4,
  short: { gain: 0.1, stderr: 0.01, seconds: 6 },
  long: { gain: long, stderr: 0.01, seconds: 24 },
  degrees: 20,
  ...more,
});

it('says of a gain that is still there that it transfers, and of one that is not that it came of short trainings', () => {
  expect(retained(evidence(0.095))).toMatchObject({ verdict: 'transfers' });
  expect(retained(evidence(0.005))).toMatchObject({ verdict: 'short-budget artefact' });
  expect(retained(evidence(-0.1))).toMatchObject({ verdict: 'short-budget artefact' });
});

it('proves nothing where half of the gain lies within the interval', () => {
  const { share, low, high, verdict } = retained(evidence(0.06));
  expect(share).toBeCloseTo(0.6, 10);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.6);
  expect(verdict).toBe('unproven');
});

it('has no bounds where the gain at the budget may be none', () => {
  const doubtful = evidence(0.1, { short: { gain: 0.1, stderr: 0.06, seconds: 6 } });
  expect(retained(doubtful)).toMatchObject({ low: null, high: null, verdict: 'unproven' });
});

it('tells nothing of trainings that do not take longer when they may', () => {
  const counted = evidence(0.1, { long: { gain: 0.1, stderr: 0, seconds: 6.2 } });
  expect(retained(counted)).toMatchObject({ low: null, high: null, verdict: 'not longer' });
});

it('knows the share exactly where there is no noise', () => {
  const exact = evidence(0, {
    short: { gain: 2, stderr: 0, seconds: 1 },
    long: { gain: 1.5, stderr: 0, seconds: 4 },
  });
  expect(retained(exact)).toEqual({ share: 0.75, low: 0.75, high: 0.75, verdict: 'transfers' });
});

it('its bounds are the shares that the two gains just do not refute', () => {
  const asked = evidence(0.06);
  const { low, high } = retained(asked);
  for (const share of [low ?? 0, high ?? 0]) {
    const difference = asked.long.gain - share * asked.short.gain;
    const error = Math.hypot(asked.long.stderr, share * asked.short.stderr);
    expect(Math.abs(difference / error)).toBeCloseTo(t95(20), 10);
  }
});

it('holds the true share in 19 of 20 cases', () => {
  const draw = createRandomNumbers(7);
  const [gain, share, error] = [0.1, 0.7, 0.015];
  const held = Array.from({ length: 4000 }, () => {
    const { low, high } = retained({
      times: 2,
      short: { gain: gain + error * draw.normal(), stderr: error, seconds: 1 },
      long: { gain: share * gain + error * draw.normal(), stderr: error, seconds: 2 },
      degrees: 1e6,
    });
    return (low ?? -Infinity) <= share && share <= (high ?? Infinity);
  }).filter(Boolean).length;
  expect(held / 4000).toBeGreaterThan(0.94);
  expect(held / 4000).toBeLessThan(0.96);
});

const text = (long: number, more?: Partial<ScaleEvidence>): string =>
  retainedText({ times: 4, gain: long, ...retained(evidence(long, more)) }, (gain) => gain.toFixed(3));

it('names time, gain, share and verdict in words', () => {
  expect(text(0.095)).toMatch(/^4 × the time: 0\.095, 95 % of the gain \(95 %: \d+ to \d+\): transfers$/);
  expect(text(0.1, { short: { gain: 0.1, stderr: 0.06, seconds: 6 } })).toBe(
    '4 × the time: 0.100, 100 % of the gain (in doubt): unproven',
  );
  expect(text(0.1, { long: { gain: 0.1, stderr: 0, seconds: 6 } })).toBe(
    '4 × the time: trainings do not take longer, so this tells nothing',
  );
});
