import { describe, expect, it } from 'vitest';
import { NO_POOL, priorPool } from '../../src/domain/noise.ts';
import { kept, nextStep } from '../../src/domain/sequential.ts';
import { calibrated, discarded, remeasured, sentinel } from '../../src/domain/standing.ts';
import { keepShare, main, meanNight, noOps } from '../../bench/night.ts';

const standing = calibrated([1.01, 0.99, 1.0, 1.012, 0.988], priorPool(0.01));
const step = (scores: readonly number[], netLines = 0) => nextStep(standing, { scores, netLines }, 'default');

describe('after each trial', () => {
  it('screens out at the first trial what does not look worthwhile', () => {
    expect(step([1.005])).toMatchObject({ kind: 'verdict', verdict: 'discard', why: 'screen' });
  });

  it('says of what is far worse how much worse it is, not what is mostly to be expected', () => {
    const end = step([1.5]);
    expect(end).toMatchObject({ verdict: 'discard' });
    expect(end.kind === 'verdict' && end.assessment.gain).toBeCloseTo(-0.5, 10);
  });

  it('asks for another trial of what looks good, and keeps it when it is sure', () => {
    expect(step([0.97])).toEqual({ kind: 'trial', arm: 'candidate' });
    expect(step([0.97, 0.965, 0.97])).toMatchObject({ kind: 'verdict', verdict: 'keep', why: 'better' });
  });

  it('gives up when later trials are worse, and says when it was close', () => {
    expect(step([0.97, 1.03])).toMatchObject({ verdict: 'discard', why: 'hopeless', nearMiss: false });
  });

  it('never spends more than six trials on a candidate', () => {
    const scores = [0.985, 0.992, 0.985, 0.992, 0.985, 0.992];
    for (let n = 1; n <= 6; n++) {
      const { kind } = step(scores.slice(0, n));
      expect({ n, ended: kind === 'verdict' && n < 6 }).toEqual({ n, ended: false });
    }
    expect(step(scores).kind).toBe('verdict');
  });

  it('measures the incumbent again when that is where the doubt is', () => {
    const unsure = { ...standing, variance: 1e-4, trials: 1 };
    const next = nextStep(unsure, { scores: [0.965, 0.97], netLines: 0 }, 'strict');
    expect(next).toEqual({ kind: 'trial', arm: 'incumbent' });
    const again = remeasured(unsure, 1.01);
    expect(again).toMatchObject({ trials: 2, since: 0 });
    expect(again.variance).toBeLessThan(unsure.variance);
    expect(again.mean).toBeGreaterThan(unsure.mean);
  });

  it('keeps less code that is no worse, and asks more of more code', () => {
    const scores = [0.99, 0.992, 0.99, 0.991];
    const known = { ...standing, variance: standing.variance / 4, trials: 8 };
    expect(nextStep(known, { scores, netLines: 0 }, 'strict')).not.toMatchObject({ verdict: 'keep' });
    expect(nextStep(known, { scores, netLines: -10 }, 'strict')).toMatchObject({ verdict: 'keep', why: 'simpler' });
    const dear = nextStep(standing, { scores: [0.97, 0.98], netLines: 400 }, 'fast');
    expect(dear).not.toMatchObject({ verdict: 'keep' });
    expect(nextStep(standing, { scores: [0.97, 0.98], netLines: 0 }, 'fast')).toMatchObject({ verdict: 'keep' });
  });
});

it('believes a kept candidate less than its trials say', () => {
  const scores = [0.97, 0.965, 0.97];
  const next = kept(standing, { scores, netLines: 0 });
  expect(next.mean).toBeGreaterThan(0.9683);
  expect(next.mean).toBeLessThan(standing.mean);
  expect(next.trials).toBe(3);
  expect(next.noise.degrees).toBe(5); // the prior's and the baseline's four
  expect(kept(standing, { scores: [0.5], netLines: 0 }).mean).toBe(0.5); // beyond doubt
});

it('learns the noise from trials after the first, which was lucky', () => {
  const { noise } = discarded(standing, { scores: [0.97, 1.0, 1.02], netLines: 0 });
  expect(noise.degrees).toBe(2);
  expect(noise.squares).toBeCloseTo(0.0001 + 0.0002, 10);
});

it('looks at an incumbent again that nobody has looked at for twenty trials', () => {
  expect(sentinel({ ...standing, since: 19 })).toBeNull();
  expect(sentinel({ ...standing, since: 20 })?.variance).toBeGreaterThan(standing.variance);
});

it('compares scores of a metric without noise, after one repeat', () => {
  const exact = calibrated([3, 3, 3, 3, 3], NO_POOL);
  const next = (scores: readonly number[]) => nextStep(exact, { scores, netLines: 0 }, 'default');
  expect(next([2.9])).toEqual({ kind: 'trial', arm: 'candidate' });
  expect(next([2.9, 2.9])).toMatchObject({ verdict: 'keep', assessment: { noise: 0 } });
  expect(next([3, 3])).toMatchObject({ verdict: 'discard' });
  expect(kept(exact, { scores: [2.9, 2.9], netLines: 0 })).toMatchObject({ mean: 2.9, variance: 0 });
});

it('discards an idea that brings chance into a metric without noise, however good its mean', () => {
  const exact = calibrated([3, 3, 3, 3, 3], NO_POOL);
  for (const rule of ['fast', 'default', 'strict'] as const)
    for (const scores of [
      [2.9, 3.05],
      [2.9, 2],
      [2.9, 3],
    ])
      expect(nextStep(exact, { scores, netLines: -50 }, rule)).toMatchObject({ verdict: 'discard', why: 'unequal' });
  // Nor does it leave any noise behind.
  const after = discarded(exact, { scores: [2.9, 3.05], netLines: 0 });
  expect(nextStep(after, { scores: [2.9, 2.9], netLines: 0 }, 'default')).toMatchObject({ verdict: 'keep' });
});

// Fixed seeds, so these are what they are; the long form with 2,000 nights is `npm run bench -- nights`.
const TRIES = 500;
const FIVE_POINTS = 0.05;
/** Keep probabilities of an idea of true size g (in s) met right after calibration: evaluation design, section 2. */
const SIZES = [0, 0.5, 1, 1.5, 2, 3, 6, 10, 15];
const CURVES = {
  fast: [0.07, 0.18, 0.35, 0.57, 0.72, 0.94, 1, 1, 1],
  default: [0.003, 0.04, 0.13, 0.36, 0.6, 0.91, 1, 1, 1],
  strict: [0, 0.005, 0.06, 0.22, 0.47, 0.87, 1, 1, 1],
};

describe.each(Object.entries(CURVES))('%s', (rule, curve) => {
  it('keeps ideas of each size as often as it was designed to', () => {
    const shares = SIZES.map((size, index) => keepShare(rule as keyof typeof CURVES, size, TRIES, 1000 + index));
    const off = shares.map((share, index) => Math.abs(share - (curve[index] ?? 0)));
    expect(Math.max(...off)).toBeLessThan(FIVE_POINTS);
  });
});

it('keeps hardly anything in a night of ideas that change nothing, where greedy keeps four', () => {
  const night = meanNight('default', noOps, 300, 100, 1);
  expect(night.falseKeeps).toBeLessThan(0.3);
  expect(night.claimed).toBeLessThan(0.3);
  expect(meanNight('greedy', noOps, 100, 100, 1).falseKeeps).toBeGreaterThan(3);
});

it('claims what is true in a night of real ideas', () => {
  const night = meanNight('default', main, 200, 100, 1);
  expect(Math.abs(night.overClaim)).toBeLessThan(0.3);
  expect(night.falseShare).toBeLessThan(0.04);
  expect(night.gain).toBeGreaterThan(6);
});

it('lets a shorter program that is one s worse pass in less than two cases of a hundred', () => {
  expect(keepShare('default', -1, 2000, 7, -5)).toBeLessThan(0.02);
});
