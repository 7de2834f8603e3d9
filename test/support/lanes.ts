// What tests of lanes share: how such a session begins, what it shows, and its ledger as a reader has it.
import { expect } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import type { Course } from '../../src/domain/course.ts';
import { courseOf } from '../../src/domain/ledger-course.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { statusQuery } from '../../workflows/messages.ts';
import { openEvent } from '../git/sandbox.ts';
import type { FakeSession } from './fake-session.ts';
import type { FakeWorld } from './fake-world.ts';
import { until } from './until.ts';

/** Two lanes of a session that looks at each candidate once, and at nothing ahead. */
export const LANES = { parallel: 2, lookahead: 0, calibration: 1 } as const;

/** The metric of each experiment's candidate; the baseline's is 1, and lower is better. */
export const scoring = (values: Readonly<Record<number, number>>): Pick<Activities, 'evaluate'> => ({
  evaluate: async ({ experiment }) => ({
    kind: 'value',
    value: experiment === 0 ? 1 : (values[experiment] ?? 2),
    metrics: {},
    tier: 'B',
  }),
});

/** What the session says of itself. */
export const statusOf = ({ handle }: FakeSession) => handle.query(statusQuery);

/** Waits until so many experiments have their verdict. */
export const decided = (session: FakeSession, experiments: number) =>
  until(async () => {
    const { counts } = await statusOf(session);
    return counts.total + counts.dropped === experiments;
  });

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
