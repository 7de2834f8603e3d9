import { expect, it } from 'vitest';
import { auditEvidence, documentError } from '../../src/domain/audit-evidence.ts';
import { advance, begin } from '../../src/domain/course.ts';
import { newTrial } from './trials.ts';

const course = () => {
  const trials = [3.01, 2.99, 3].map((value, k) => newTrial({ trial: k + 1, value, role: 'baseline', commit: 'base' }));
  const begun = begin({ commit: 'base', trials }, 'minimize', null);
  if (begun === null) throw new Error('Expected a baseline.');
  const kept = [2.8, 2.81].map((value, k) => newTrial({ trial: k + 1, value, role: 'candidate', commit: 'c1' }));
  return advance(begun, { experiment: 1, verdict: 'keep', rule: 'default', candidate: 'c1', trials: kept }, 'minimize');
};
const audited = (commit: string, value: number | null, documents?: [number, number][]) => ({
  commit,
  value,
  ...(documents !== undefined && { documents }),
});

it('puts the two arms apart and leaves out what has no value', () => {
  const trials = [audited('base', 3.02), audited('c1', 2.83), audited('c1', null), audited('base', 3)];
  const evidence = auditEvidence({ course: course(), trials, direction: 'minimize' });
  expect(evidence).toMatchObject({ baseline: [3.02, 3], incumbent: [2.83], documentError: 0 });
  expect(evidence?.claimed).toBeGreaterThan(0.1);
});

it('turns scores round for a metric that is maximised', () => {
  const evidence = auditEvidence({
    course: course(),
    trials: [audited('base', 1), audited('c1', 2)],
    direction: 'maximize',
  });
  expect(evidence).toMatchObject({ baseline: [-1], incumbent: [-2] });
});

it('is none while one of the two has no value', () => {
  expect(auditEvidence({ course: course(), trials: [audited('base', 3)], direction: 'minimize' })).toBeNull();
});

it('knows how much a gain hangs on single documents', () => {
  const even = [
    audited('base', 3, [
      [10, 30],
      [10, 30],
      [10, 30],
    ]),
  ];
  const everywhere = [
    audited('c1', 2.8, [
      [10, 28],
      [10, 28],
      [10, 28],
    ]),
  ];
  const inOne = [
    audited('c1', 2.8, [
      [10, 24],
      [10, 30],
      [10, 30],
    ]),
  ];
  expect(documentError(even, everywhere)).toBeCloseTo(0, 10);
  expect(documentError(even, inOne)).toBeCloseTo(0.2, 10); // differences 6, 0, 0 about 2 each, over 30 places
  expect(documentError([audited('base', 3)], inOne)).toBe(0);
});
