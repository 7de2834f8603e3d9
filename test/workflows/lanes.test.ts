// Several experiments at once: what they share, what they are judged by, and where they wait for each other.
import { ApplicationFailure } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import {
  auditUpdate,
  pauseUpdate,
  pinUpdate,
  resumeUpdate,
  statusQuery,
  stopUpdate,
  vetoUpdate,
} from '../../workflows/messages.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { createGates } from '../support/gates.ts';
import { readLedger } from '../support/lanes-ledger.ts';
import { until } from '../support/until.ts';

const LANES = { parallel: 2, lookahead: 0, calibration: 1 } as const;

/** The metric of each experiment's candidate; the baseline's is 1, and lower is better. */
const scoring = (values: Readonly<Record<number, number>>): Pick<Activities, 'evaluate'> => ({
  evaluate: async ({ experiment }) => ({
    kind: 'value',
    value: experiment === 0 ? 1 : (values[experiment] ?? 2),
    metrics: {},
    tier: 'B',
  }),
});

const statusOf = ({ handle }: FakeSession) => handle.query(statusQuery);

/** Waits until so many experiments have their verdict. */
const decided = (session: FakeSession, experiments: number) =>
  until(async () => {
    const { counts } = await statusOf(session);
    return counts.total + counts.dropped === experiments;
  });

it('tries two experiments at once, and says of both what runs', async () => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 2 },
    { activities: { train: gates.train, ...scoring({}) } },
  );
  await gates.training(1, 2);
  const { lanes, running, parallel } = await statusOf(session);
  expect(lanes?.map(({ experiment, stage }) => `${experiment} ${stage}`)).toEqual(['1 train', '2 train']);
  expect(running).toEqual(lanes?.[0]);
  expect(parallel).toBe(2);
  gates.open(2);
  await decided(session, 1);
  gates.open(1);
  await session.handle.result();
  expect(session.world.ended.map(({ experiment, order }) => [experiment, order])).toEqual([
    [2, { begun: 0, decided: 1 }],
    [1, { begun: 0, decided: 2 }],
  ]);
  readLedger(session.world);
});

it('keeps nothing whose base is the incumbent no longer: its edit is tried once more on the new one', async () => {
  const gates = createGates();
  const asked: string[] = [];
  const session = await startSession(
    { ...LANES, experiments: 4 },
    {
      activities: {
        train: gates.train,
        ...scoring({ 1: 0.9, 2: 0.8, 4: 0.7 }),
        propose: async ({ experiment, base, parent }) => {
          asked.push(`${experiment} on ${base}${parent === undefined ? '' : ` after ${parent}`}`);
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${parent ?? experiment}` };
        },
      },
    },
  );
  await gates.training(1, 2);
  gates.open(1);
  await gates.training(2, 3);
  gates.open(2);
  await gates.training(3, 4);
  gates.open(3, 4);
  expect((await session.handle.result()).best).toMatchObject({ commit: 'c4', experiment: 4, value: 0.7 });
  expect(asked).toEqual(['1 on base', '2 on base', '3 on c1', '4 on c1 after 2']);
  const { records, course } = readLedger(session.world);
  expect(records).toMatchObject([
    { verdict: 'keep', base: 'base' },
    {
      verdict: 'undecided',
      base: 'base',
      overtaken: true,
      value: 0.8,
      reason: expect.stringMatching(/^better than its base/),
    },
    { verdict: 'discard', base: 'c1' },
    { verdict: 'keep', base: 'c1', parent: 2 },
  ]);
  expect(session.world.kept).toEqual(['c1', 'c4']);
  expect(course?.incumbent).toMatchObject({ commit: 'c4', value: 0.7 });
});

it('discards against its own base, whatever is the incumbent by then', async () => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 2 },
    { activities: { train: gates.train, ...scoring({ 1: 0.5, 2: 1.5 }) } },
  );
  await gates.training(1, 2);
  gates.open(1);
  await decided(session, 1);
  gates.open(2);
  await session.handle.result();
  const { records } = readLedger(session.world);
  expect(records[1]).toMatchObject({ verdict: 'discard', gain: -0.5, incumbent: { commit: 'base', value: 1 } });
});

it('measures one incumbent in two lanes under two numbers, and believes both', async () => {
  const noise = [0.01, -0.01, 0, 0.012, -0.012, 0.011, 0.009, -0.004, 0.006, -0.008, 0.003];
  const value = (commit: string, trial: number): number => {
    const centre = { base: 1, c1: 0.9, c2: 1.5, c3: 0.865, c4: 0.864 }[commit] ?? 2;
    return centre + (noise[(trial - 1) % noise.length] ?? 0);
  };
  const gates = createGates();
  const session = await startSession(
    { experiments: 4, rule: 'default', parallel: 2, lookahead: 0, audit: 'none' },
    { value, activities: { train: gates.train } },
  );
  await gates.training(1, 2);
  gates.open(1);
  await gates.training(2, 3);
  gates.open(2);
  await gates.training(3, 4);
  gates.open(3, 4);
  const { best } = await session.handle.result();
  const { records, course } = readLedger(session.world);
  const again = records.flatMap(({ trials }) => trials.filter(({ role }) => role === 'incumbent'));
  expect(again.length).toBeGreaterThan(1);
  expect(new Set(again.map(({ commit, trial }) => `${commit}/${trial}`)).size).toBe(again.length);
  const { commit, value: believed, stderr, trials } = course?.incumbent ?? {};
  expect({ commit, value: believed, stderr, trials }).toEqual({
    commit: best?.commit,
    value: best?.value,
    stderr: best?.stderr,
    trials: best?.trials,
  });
});

describe('a person', () => {
  it('pauses: what runs goes on, nothing new begins', async () => {
    const gates = createGates();
    const session = await startSession(
      { ...LANES, experiments: 3 },
      { activities: { train: gates.train, ...scoring({}) } },
    );
    await gates.training(1, 2);
    const { handle } = session;
    expect((await handle.executeUpdate(pauseUpdate, { args: [{}] })).status).toBe('pausing');
    gates.open(1);
    await decided(session, 1);
    expect((await statusOf(session)).status).toBe('pausing');
    gates.open(2, 3);
    await until(async () => (await statusOf(session)).status === 'paused');
    expect(gates.begun).toEqual([0, 1, 2]);
    await handle.executeUpdate(resumeUpdate, { args: [{}] });
    await handle.result();
    expect(readLedger(session.world).records).toHaveLength(3);
  });

  it.each([
    { now: false, verdict: 'discard' },
    { now: true, verdict: 'undecided' },
  ])('stops all lanes (at once: $now)', async ({ now, verdict }) => {
    const gates = createGates();
    const session = await startSession(
      { ...LANES, experiments: 9 },
      { activities: { train: gates.train, ...scoring({}) } },
    );
    await gates.training(1, 2);
    expect((await session.handle.executeUpdate(stopUpdate, { args: [{ now }] })).status).toBe('stopping');
    if (!now) gates.open(1, 2);
    expect((await session.handle.result()).status).toBe('done');
    expect(readLedger(session.world).records.map((record) => record.verdict)).toEqual([verdict, verdict]);
    expect(session.world.events.at(-1)).toMatchObject({ kind: 'end', reason: 'stopped by a person' });
  });

  it('vetoes what one lane tries, and the other goes on', async () => {
    const gates = createGates();
    const session = await startSession(
      { ...LANES, experiments: 1 },
      { activities: { train: gates.train, ...scoring({}) } },
    );
    await gates.training(1);
    await session.handle.executeUpdate(vetoUpdate, { args: [{ experiment: 1 }] });
    await gates.training(2); // the budget of one experiment has room again
    gates.open(2);
    await session.handle.result();
    expect(readLedger(session.world).records.map(({ verdict }) => verdict)).toEqual(['dropped', 'discard']);
  });

  it('pins: what runs ends first, and what was better than the line before is tried again on the new one', async () => {
    const gates = createGates();
    const session = await startSession(
      { ...LANES, experiments: 4 },
      { activities: { train: gates.train, ...scoring({ 1: 2, 2: 0.9 }) } },
    );
    await gates.training(1, 2);
    gates.open(1);
    await gates.training(2, 3);
    await session.handle.executeUpdate(pinUpdate, { args: [{ experiment: 1 }] });
    gates.open(2, 3, 4);
    await session.handle.result();
    const { records, course } = readLedger(session.world);
    expect(records.map(({ verdict, base }) => `${verdict} on ${base}`)).toEqual([
      'discard on base',
      'keep on base',
      'discard on base',
      'discard on c1-again',
    ]);
    expect(session.world.events.find(({ kind }) => kind === 'moved')).toMatchObject({ after: 3, from: 'c2' });
    expect(course?.incumbent.commit).toBe('c1-again');
  });
});

it('audits the line while nothing runs', async () => {
  const gates = createGates();
  gates.open(1, 2, 3, 4, 5, 6, 7, 8);
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
