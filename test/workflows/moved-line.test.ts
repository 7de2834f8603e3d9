import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import type { Moved } from '../../src/domain/proposed.ts';
import { resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';

const MOVED: Moved = { kind: 'moved', expected: 'base', found: 'theirs' };
const better = (commit: string): number => ({ base: 1, theirs: 0.9 })[commit] ?? 0.8;

/** A world where the kept line stands at `moved.now` until a session goes on from there. */
function worldOf(moved: { now: Moved | null }, value = better) {
  return {
    value,
    activities: {
      propose: async ({ experiment, base }: { experiment: number; base: string }) =>
        moved.now?.expected === base
          ? moved.now
          : ({ kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` } as const),
    },
  };
}

const blocked = ({ handle }: FakeSession) =>
  until(async () => {
    const { status, reason } = await handle.query(statusQuery);
    return status === 'blocked' ? reason : undefined;
  });
const resume = ({ handle }: FakeSession) => handle.executeUpdate(resumeUpdate, { args: [{}] });

it('names both commits where somebody moved the kept line; resumed, it measures the new one and goes on from it', async () => {
  const session = await startSession({ experiments: 2 }, worldOf({ now: MOVED }));
  expect(await blocked(session)).toMatch(/Somebody moved autoresearch\/.*: expected base, found theirs\. Resume to/);
  await resume(session);
  const result = await session.handle.result();
  const { ended, events } = session.world;
  expect(events.map(({ kind }) => kind)).toEqual(['baseline', 'moved', 'end']);
  expect(events[1]).toMatchObject({ from: 'base', to: 'theirs', after: 0 });
  const trials = events[1]?.kind === 'moved' ? events[1].trials : [];
  expect(trials).toMatchObject(trials.map(() => ({ role: 'incumbent', value: 0.9 })));
  expect(trials).toHaveLength(3);
  expect(new Set(trials.map(({ seed }) => seed)).size).toBe(3);
  expect(ended[0]).toMatchObject({ experiment: 1, base: 'theirs', incumbent: { commit: 'theirs' } });
  expect(result.best?.commit).toBe('c1');
});

it('believes what it measured where the ledger knows that it had set the line back itself, and asks once', async () => {
  const world = worldOf({ now: MOVED });
  const restores = { commit: 'long ago', experiment: 4 };
  const session = await startSession(
    { experiments: 1 },
    {
      ...world,
      activities: {
        ...world.activities,
        record: async ({ event }) => (event.kind === 'moved' ? { ...event, trials: [], restores } : undefined),
      },
    },
  );
  await blocked(session);
  await resume(session);
  const result = await session.handle.result();
  expect(session.world.ended[0]).toMatchObject({ base: 'theirs', incumbent: { commit: 'theirs' } });
  expect(result.status).toBe('done');
});

it('goes on as before when the person sets the line back, and asks again when it was moved elsewhere', async () => {
  const moved: { now: Moved | null } = { now: MOVED };
  const session = await startSession({ experiments: 1 }, worldOf(moved));
  await blocked(session);
  moved.now = { ...MOVED, found: 'elsewhere' };
  await resume(session);
  await until(async () => (await session.handle.query(statusQuery)).reason?.includes('found elsewhere'));
  moved.now = null;
  await resume(session);
  await session.handle.result();
  expect(session.world.events.map(({ kind }) => kind)).toEqual(['baseline', 'end']);
  expect(session.world.ended[0]?.base).toBe('base');
});

it('leaves a keep undecided whose line a person moved meanwhile, and asks about that once', async () => {
  const moved: { now: Moved | null } = { now: null };
  const world = worldOf(moved);
  const session = await startSession(
    { experiments: 2, lookahead: 0 },
    {
      ...world,
      activities: {
        ...world.activities,
        commit: async ({ tip, record }) => {
          if (tip === 'base') return (moved.now = MOVED);
          return { kind: 'committed', tip: record.candidate ?? tip };
        },
      },
    },
  );
  await blocked(session);
  await resume(session);
  await session.handle.result();
  const { ended, events } = session.world;
  expect(ended[0]).toMatchObject({ experiment: 1, verdict: 'undecided', base: 'base' });
  expect(ended[0]?.reason).toBe('somebody moved the kept line during this experiment');
  expect(events[1]).toMatchObject({ kind: 'moved', to: 'theirs', after: 1 });
  expect((await session.handle.query(statusQuery)).best).toMatchObject({ commit: 'c2', experiment: 2 });
});

it('never goes on from a commit of another task', async () => {
  const moved: { now: Moved | null } = { now: { ...MOVED, problem: 'It changes score.py.' } };
  const session = await startSession({ experiments: 1 }, worldOf(moved));
  for (let time = 0; time < 2; time++) {
    expect(await blocked(session)).toMatch(/It changes score\.py\. To go on, set the branch back to the first/);
    await resume(session);
  }
  await session.handle.executeUpdate(stopUpdate, { args: [{}] });
  await session.handle.result();
  expect(session.world.events.map(({ kind }) => kind)).not.toContain('moved');
});

it('asks again where the commit gives no value, and trains it anew when the person insists', async () => {
  const moved: { now: Moved | null } = { now: MOVED };
  const { activities } = worldOf(moved);
  const answers = [{ kind: 'none', failure: 'got nan' } as const];
  const session = await startSession(
    { experiments: 1, calibration: 1 },
    {
      activities: {
        ...activities,
        evaluate: async ({ commit }) =>
          (commit === 'theirs' && answers.pop()) || { kind: 'value', value: better(commit), metrics: {}, tier: 'B' },
      },
    },
  );
  for (const sentence of [
    /expected base, found theirs/,
    /theirs, which somebody .* no value that counts: got nan/,
    /found theirs/,
  ]) {
    expect(await blocked(session)).toMatch(sentence);
    await resume(session);
  }
  await session.handle.result();
  const { calls, events } = session.world;
  expect(calls.filter((call) => call.startsWith('train 1/'))).toHaveLength(3); // twice theirs, once the candidate
  expect(events[1]).toMatchObject({ kind: 'moved', trials: [{ value: 0.9 }] });
});

it('asks again where a device fails while the commit is measured, and does not end the session', async () => {
  const { activities, value } = worldOf({ now: MOVED });
  let broken = true;
  const session = await startSession(
    { experiments: 1, calibration: 1 },
    {
      value,
      activities: {
        ...activities,
        train: async ({ trial }) => {
          if (trial > 1 && broken) throw ApplicationFailure.nonRetryable('the device fell over');
          return TRAINED;
        },
      },
    },
  );
  await blocked(session);
  await resume(session);
  await until(async () =>
    (await session.handle.query(statusQuery)).reason?.includes('no value that counts: the device fell over'),
  );
  broken = false;
  await resume(session);
  await until(async () => (await session.handle.query(statusQuery)).reason?.includes('found theirs'));
  await resume(session);
  await session.handle.result();
  expect(session.world.events.map(({ kind }) => kind)).toEqual(['baseline', 'moved', 'end']);
});
