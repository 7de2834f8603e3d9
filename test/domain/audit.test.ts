import { describe, expect, it } from 'vitest';
import { judgeClaim, t95, type AuditEvidence } from '../../src/domain/audit.ts';
import { createRandomNumbers } from '../../src/proposer/random-numbers.ts';

const evidence = (more: Partial<AuditEvidence>): AuditEvidence => ({
  baseline: [3.01, 2.99, 3],
  incumbent: [2.81, 2.79, 2.8],
  noise: 0.01,
  degrees: 20,
  documentError: 0,
  sameData: true,
  claimed: 0.2,
  missed: 0,
  crashed: 0,
  baselineVariance: 0.00002,
  incumbentVariance: 0.00002,
  ...more,
});

it('makes what it measured the headline, not what was claimed', () => {
  const { gain, low, high, passed } = judgeClaim(evidence({ claimed: 0.205 }), 'end');
  expect(gain).toBeCloseTo(0.2, 10);
  expect(Number(high) - Number(gain)).toBeCloseTo(t95(20) * 0.01 * Math.sqrt(2 / 3), 10);
  expect(Number(gain) - Number(low)).toBeCloseTo(Number(high) - Number(gain), 10);
  expect(passed).toBe(true);
});

it('fails what misses the target in any of its trials, however soon it ends', () => {
  expect(judgeClaim(evidence({ claimed: 0.05, missed: 1 }), 'end')).toMatchObject({
    passed: false,
    z: expect.any(Number),
  });
});

it('fails what crashes in any of its trials, also where no other is left to measure a gain by', () => {
  expect(judgeClaim(evidence({ claimed: 0.05, crashed: 1 }), 'on the way')).toMatchObject({ passed: false });
  const none = judgeClaim(evidence({ incumbent: [], crashed: 4 }), 'on the way');
  expect(none).toEqual({ gain: null, low: null, high: null, stderr: null, z: null, passed: false });
});

it('fails a claim that is far above what is there, and never one below', () => {
  expect(judgeClaim(evidence({ claimed: 0.24 }), 'end').passed).toBe(false);
  expect(judgeClaim(evidence({ claimed: 0.05 }), 'end').passed).toBe(true);
});

it('is more patient on the way than at the end', () => {
  const over = evidence({ claimed: 0.2 + 2.25 * Math.sqrt(0.01 ** 2 * (2 / 3) + 0.00004) });
  expect(judgeClaim(over, 'end').passed).toBe(false);
  expect(judgeClaim(over, 'on the way').passed).toBe(true);
  expect(judgeClaim(over, 'before a keep').passed).toBe(true);
});

it('doubts more where the documents are few', () => {
  const few = judgeClaim(evidence({ documentError: 0.02, claimed: 0.24 }), 'end');
  expect(few.passed).toBe(true);
  expect(Number(few.high) - Number(few.low)).toBeGreaterThan(4 * 0.02 * 0.9);
});

it('compares exactly where the metric has no noise, but for rounding; on other data it asks for a gain alone', () => {
  const exact = { baseline: [3], incumbent: [2], noise: 0, baselineVariance: 0, incumbentVariance: 0 };
  expect(judgeClaim(evidence({ ...exact, claimed: 1 + 1e-12 }), 'end')).toMatchObject({ passed: true, z: 0 });
  const over = judgeClaim(evidence({ ...exact, claimed: 1.5 }), 'end');
  expect(over).toMatchObject({ passed: false, z: expect.any(Number) });
  expect(JSON.parse(JSON.stringify(over))).toEqual(over); // it stands in a ledger
  expect(judgeClaim(evidence({ ...exact, sameData: false, claimed: 1.5 }), 'end').passed).toBe(true);
  expect(judgeClaim(evidence({ ...exact, sameData: false, incumbent: [3] }), 'end').passed).toBe(false);
});

it('knows the points of Student’s t', () => {
  for (const [degrees, point] of [
    [4, 2.776],
    [10, 2.228],
    [30, 2.042],
  ] as const)
    expect(t95(degrees)).toBeCloseTo(point, 2);
});

/** How many of 2,000 final audits, 8 fresh trials of each arm, fail at an over-claim of this many s. */
function failures(overClaim: number): number {
  const random = createRandomNumbers(11);
  const draw = (mean: number): number => mean + random.normal();
  let failed = 0;
  for (let k = 0; k < 2000; k++) {
    // A claim is made of two beliefs: five trials of the baseline, about four of the incumbent.
    const claimed = 5 + overClaim + Math.sqrt(0.2 + 0.25) * random.normal();
    const result = judgeClaim(
      {
        baseline: Array.from({ length: 8 }, () => draw(0)),
        incumbent: Array.from({ length: 8 }, () => draw(-5)),
        noise: 1,
        degrees: 30,
        documentError: 0,
        sameData: false,
        claimed,
        missed: 0,
        crashed: 0,
        baselineVariance: 0.2,
        incumbentVariance: 0.25,
      },
      'end',
    );
    if (!result.passed) failed++;
  }
  return failed / 2000;
}

// Evaluation design, section 8.5. Fixed seeds.
describe('a search that fooled itself', () => {
  it('is found at an over-claim of two s in most cases, and an honest one hardly ever blamed', () => {
    expect(failures(2)).toBeGreaterThan(0.6);
    expect(failures(0)).toBeLessThan(0.04);
  });
});
