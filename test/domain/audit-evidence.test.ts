import { expect, it } from 'vitest';
import { auditBaselineOf, auditEvidence, documentError, fewDocuments } from '../../src/domain/audit-evidence.ts';
import { advance, begin } from '../../src/domain/course.ts';
import { newTrial } from './trials.ts';

const course = () => {
  const trials = [3.01, 2.99, 3].map((value, k) => newTrial({ trial: k + 1, value, role: 'baseline', commit: 'base' }));
  const begun = begin({ commit: 'base', trials }, 'minimize', null);
  if (begun === null) throw new Error('Expected a baseline.');
  const kept = [2.8, 2.81].map((value, k) => newTrial({ trial: k + 1, value, role: 'candidate', commit: 'c1' }));
  return advance(begun, { experiment: 1, verdict: 'keep', rule: 'default', candidate: 'c1', trials: kept }, 'minimize');
};
const audited = (value: number | null, documents?: [number, number][]) => ({
  value,
  ...(documents !== undefined && { documents }),
});

it('leaves out what has no value', () => {
  const [before, after] = [
    [audited(3.02), audited(3)],
    [audited(2.83), audited(null)],
  ];
  const evidence = auditEvidence({ course: course(), before, after, split: 'sealed', direction: 'minimize' });
  expect(evidence).toMatchObject({ baseline: [3.02, 3], incumbent: [2.83], documentError: 0 });
  expect(evidence?.claimed).toBeGreaterThan(0.1);
});

it('counts the misses of what is claimed, and leaves out those of the baseline', () => {
  const miss = (value: number) => ({ ...audited(value), missed: 0.01 });
  const arms = { before: [audited(3.02), miss(4)], after: [audited(2.83), miss(2)] };
  const evidence = auditEvidence({ course: course(), ...arms, split: 'val', direction: 'minimize' });
  expect(evidence).toMatchObject({ baseline: [3.02], incumbent: [2.83, 2], missed: 1 });
});

const crashed = (fault: 'idea' | 'machine') => ({ value: null, crash: { class: 'unknown', fault } as const });

it('counts the crashes of what is claimed that are its own fault', () => {
  const after = [audited(2.83), crashed('idea'), crashed('machine'), audited(null)];
  const arms = { before: [audited(3.02), crashed('idea')], after };
  const evidence = auditEvidence({ course: course(), ...arms, split: 'val', direction: 'minimize' });
  expect(evidence).toMatchObject({ baseline: [3.02], incumbent: [2.83], crashed: 1 });
  const claim = { course: course(), before: [audited(3)], split: 'val', direction: 'minimize' } as const;
  expect(auditEvidence({ ...claim, after: [crashed('machine')] })).toBeNull();
  expect(auditEvidence({ ...claim, after: [crashed('idea')] })).toMatchObject({ incumbent: [], crashed: 1 });
});

it('takes the noise from its own trials where the session knows of none', () => {
  const begun = begin({ commit: 'base', trials: [newTrial({ value: 3, commit: 'base' })] }, 'minimize', null);
  if (begun === null) throw new Error('Expected a baseline.');
  const arms = { before: [audited(3), audited(3.02)], after: [audited(2.8), audited(2.82)] };
  const evidence = auditEvidence({ course: begun, ...arms, split: 'val', direction: 'minimize' });
  expect(evidence).toMatchObject({ noise: expect.closeTo(0.0141, 3), degrees: 2 });
});

const arms = (spread: number) => ({
  before: [0, 1, -1, 1].map((k) => audited(3 + k * spread)),
  after: [1, -1, 0, -1].map((k) => audited(2.8 + k * spread)),
});

const evidenceOf = (spread: number) =>
  auditEvidence({ course: course(), ...arms(spread), split: 'sealed', direction: 'minimize' });

it('takes the noise from its own trials where they vary clearly more, as on too few data', () => {
  expect(evidenceOf(0.01)?.noise).toBeLessThan(0.011);
  expect(evidenceOf(0.5)).toMatchObject({ noise: expect.closeTo(0.479, 3), degrees: 6 });
});

it('takes what differs by rounding alone for no noise, where there is none', () => {
  const trials = [3, 3, 3].map((value, k) => newTrial({ trial: k + 1, value, role: 'baseline', commit: 'base' }));
  const exact = begin({ commit: 'base', trials }, 'minimize', null);
  if (exact === null) throw new Error('Expected a baseline.');
  const audit = (off: number) =>
    auditEvidence({
      course: exact,
      before: [audited(3), audited(3 + off)],
      after: [audited(2), audited(2)],
      split: 'val',
      direction: 'minimize',
    });
  expect(audit(1e-12)?.noise).toBe(0);
  expect(audit(0.1)?.noise).toBeCloseTo(0.05, 10);
});

it('turns scores round for a metric that is maximised', () => {
  const evidence = auditEvidence({
    course: course(),
    before: [audited(1)],
    after: [audited(2)],
    split: 'sealed',
    direction: 'maximize',
  });
  expect(evidence).toMatchObject({ baseline: [-1], incumbent: [-2] });
});

it('is none while one of the two has no value', () => {
  expect(
    auditEvidence({ course: course(), before: [audited(3)], after: [], split: 'sealed', direction: 'minimize' }),
  ).toBeNull();
});

it('knows how much a gain hangs on single documents', () => {
  const even = [
    audited(3, [
      [10, 30],
      [10, 30],
      [10, 30],
    ]),
  ];
  const everywhere = [
    audited(2.8, [
      [10, 28],
      [10, 28],
      [10, 28],
    ]),
  ];
  const inOne = [
    audited(2.8, [
      [10, 24],
      [10, 30],
      [10, 30],
    ]),
  ];
  expect(documentError(even, everywhere)).toBeCloseTo(0, 10);
  expect(documentError(even, inOne)).toBeCloseTo(0.2, 10); // differences 6, 0, 0 about 2 each, over 30 places
  expect(documentError([audited(3)], inOne)).toBe(0);
});

it('says when the data are so few that single documents move a gain as much as seeds do', () => {
  const evidence = auditEvidence({
    course: course(),
    before: [audited(3)],
    after: [audited(2.8)],
    split: 'sealed',
    direction: 'minimize',
  });
  if (evidence === null) throw new Error('Expected evidence.');
  expect(fewDocuments(evidence)).toBeNull();
  expect(fewDocuments({ ...evidence, noise: 0.01, documentError: 0.006 })).toEqual(
    expect.stringMatching(/few: which documents they are moves a gain by more than half the noise/),
  );
});

it('compares on the way with what the calibration scored on the same data, repeats left out', () => {
  const trials = [
    newTrial({ value: 3, sealed: { value: 3.1, documents: [[10, 31]] } }),
    newTrial({ value: 3.02, sealed: { value: 3.12 } }),
    newTrial({ value: 3.01, role: 'repeat', sealed: { value: 3.11 } }),
    newTrial({ value: 3.03 }), // of an older version: nobody asked
  ];
  expect(auditBaselineOf(trials, 'val').map(({ value }) => value)).toEqual([3, 3.02, 3.03]);
  expect(auditBaselineOf(trials, 'sealed')).toEqual([{ value: 3.1, documents: [[10, 31]] }, { value: 3.12 }]);
});
