// Where lanes wait for each other: audits, blocks, moved lines, and a run that was lost.
import { ApplicationFailure } from '@temporalio/client';
import { expect, it } from 'vitest';
import { begin } from '../../src/domain/course.ts';
import { NO_COUNTS } from '../../src/domain/counts.ts';
import { auditUpdate, resumeUpdate } from '../../workflows/messages.ts';
import { newTrial } from '../domain/trials.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { contractOf } from '../support/fake-world.ts';
import { movingLine } from '../support/moving-line.ts';
import { createGates } from '../support/gates.ts';
import { LANES, decided, readLedger, scoring, statusOf } from '../support/lanes.ts';
import { until } from '../support/until.ts';

it('audits the line while nothing runs', async () => {
  const gates = createGates();
  gates.open(1, 2, 3, 4, 5, 6, 7);
  const running: number[] = [];
  let busy = 0;
  const session = await startSession(
    { ...LANES, experiments: 8, audit: 'all' },
    {
      activities: {
        train: async (input) => {
          busy++;
          const trained = await gates.train(input).finally(() => busy--);
          if (input.trial >= 1_000_000 && input.experiment > 0) running.push(busy);
          return trained;
        },
        evaluate: async ({ experiment }) => ({ kind: 'value', value: 1 - experiment / 100, metrics: {}, tier: 'B' }),
      },
    },
  );
  await until(async () => (await statusOf(session)).counts.kept > 0);
  await session.handle.executeUpdate(auditUpdate, { args: [{}] });
  gates.open(8);
  await session.handle.result();
  expect(session.world.events.filter(({ kind }) => kind === 'audit').length).toBeGreaterThan(0);
  expect(Math.max(...running)).toBe(0);
  readLedger(session.world);
});

it('begins nothing new while one lane is blocked; the other goes on to its verdict', async () => {
  const gates = createGates();
  let isFull = true;
  const { evaluate } = scoring({});
  const session = await startSession(
    { ...LANES, experiments: 3 },
    {
      activities: {
        train: gates.train,
        evaluate: async (input) => {
          if (input.experiment === 1 && isFull) throw ApplicationFailure.nonRetryable('The disk is full.', 'Blocked');
          return evaluate(input);
        },
      },
    },
  );
  await gates.training(1, 2);
  gates.open(1);
  await until(async () => (await statusOf(session)).status === 'blocked');
  gates.open(2, 3);
  await decided(session, 1);
  expect(await statusOf(session)).toMatchObject({ status: 'blocked', reason: 'The disk is full.' });
  expect(gates.begun).not.toContain(3);
  isFull = false;
  await session.handle.executeUpdate(resumeUpdate, { args: [{}] });
  await session.handle.result();
  expect(readLedger(session.world).records.map(({ verdict }) => verdict)).toEqual(['discard', 'discard', 'discard']);
});

it('goes on from a line that somebody moved once both lanes have ended; neither is kept on the line before', async () => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 3 },
    { activities: { ...movingLine(), train: gates.train, ...scoring({ 1: 0.9, 2: 0.8 }) } },
  );
  await gates.training(1, 2);
  gates.open(1);
  await until(async () => (await statusOf(session)).status === 'blocked');
  await session.handle.executeUpdate(resumeUpdate, { args: [{}] });
  await decided(session, 1);
  expect(gates.begun).toEqual([0, 1, 2]);
  gates.open(2, 3);
  await session.handle.result();
  const { records, course } = readLedger(session.world);
  const reason = 'somebody moved the kept line during this experiment';
  expect(records).toMatchObject([
    { verdict: 'undecided', base: 'base', reason },
    { verdict: 'undecided', base: 'base', reason },
    { verdict: 'discard', base: 'theirs' },
  ]);
  expect(session.world.events.find(({ kind }) => kind === 'moved')).toMatchObject({ after: 2, to: 'theirs' });
  expect(course?.incumbent.commit).toBe('theirs');
});

it('goes on from a ledger: ends what a lost run was trying, and tries again what was overtaken', async () => {
  const asked: (number | undefined)[] = [];
  const baseline = { trial: 1, role: 'baseline', commit: 'base', value: 1 } as const;
  const course = begin({ commit: 'base', trials: [newTrial(baseline)], prior: 0.1 }, 'minimize', null);
  const session: FakeSession = await startSession(
    { continueFrom: 'night' },
    {
      activities: {
        open: async ({ session: id }) => ({
          ...contractOf(id),
          continued: {
            input: { ...LANES, experiments: 4, rule: 'greedy' },
            course,
            tier: 'B',
            counts: { ...NO_COUNTS, total: 2, undecided: 1, discarded: 1 },
            trainedSeconds: 60,
            nextExperiment: 4,
            nextEvent: 2,
            givenOut: 3,
            unrecorded: [2],
            overtaken: [{ experiment: 3 }],
            last: [],
          },
        }),
        propose: async ({ experiment, base, parent }) => {
          asked.push(parent);
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
        },
      },
    },
  );
  await session.handle.result();
  expect(asked).toEqual([3, undefined]);
  const records = session.world.ended.toSorted((left, right) => left.experiment - right.experiment);
  expect(records).toMatchObject([
    { experiment: 2, verdict: 'dropped', order: { begun: 2, decided: 3 } },
    { experiment: 4, parent: 3 },
    { experiment: 5 },
  ]);
});
