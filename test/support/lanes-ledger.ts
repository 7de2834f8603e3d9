// The ledger of a session with lanes, as a reader has it: read again step by step, and held against what the session did.
import { expect } from 'vitest';
import { courseOf, type Course } from '../../src/domain/course.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { openEvent } from '../git/sandbox.ts';
import type { FakeWorld } from './fake-world.ts';

/**
 * What a reader believes in the end; each number has its record, each verdict its place, and each was judged against the
 * base that it was made from, as that was believed when it began.
 */
export function readLedger({ ended, events }: FakeWorld): {
  readonly records: readonly ExperimentRecord[];
  readonly course: Course | null;
} {
  const records: ExperimentRecord[] = ended
    .map((record) => ({ version: 1 as const, tree: '', edit: [], proposer: '', ...record }))
    .toSorted((left, right) => left.experiment - right.experiment);
  expect(records.map(({ experiment }) => experiment)).toEqual(records.map((_, k) => k + 1));
  expect(records.map(({ order, experiment }) => order?.decided ?? experiment).toSorted((a, b) => a - b)).toEqual(
    records.map((_, k) => k + 1),
  );
  const course = courseOf({ experiments: records, events: [openEvent('base'), ...events] }, (record, before) => {
    expect([record.experiment, record.incumbent.commit]).toEqual([record.experiment, before.incumbent.commit]);
    expect(record.incumbent.value).toBe(before.incumbent.value);
    expect(record.base).toBe(before.incumbent.commit);
  });
  return { records, course };
}
