// What speaks against a candidate that the rule would keep, through the workflow: it is quarantined, and nothing stands on it.
import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import type { Activities, Trained } from '../../activities/contract.ts';
import { reviewUpdate, statusQuery } from '../../workflows/messages.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { contractOf, TRAINED } from '../support/fake-world.ts';

const metric = { name: 'loss', direction: 'minimize', bound: 0.1, untrained: 8 } as const;
const open: Activities['open'] = async ({ session }) => {
  const contract = contractOf(session);
  return { ...contract, task: { ...contract.task, metric } };
};
/** A trial that is run again has a number so much higher. */
const AGAIN = 10_000_000_000;
const usual = (commit: string, trial: number): number => (commit === 'base' ? 1 : 0.9) + (trial % AGAIN) / 1000;

/** A session of one experiment, better than the baseline, whose trainings and scores are as told. */
async function tried(more: {
  readonly train?: (seconds: number, seed: number | 'fresh') => Partial<Trained>;
  readonly score?: (trial: number) => number | undefined;
}) {
  const { world, handle } = await startSession(
    { rule: 'greedy', experiments: 1 },
    {
      activities: {
        open,
        train: async ({ experiment, seconds, seed }) => ({
          ...TRAINED,
          facts: seconds === 0 ? { outHash: `weights of ${seed}` } : {},
          ...(experiment === 1 && more.train?.(seconds, seed)),
        }),
        evaluate: async ({ commit, trial }) => {
          const value =
            (commit === 'base' ? undefined : more.score?.(trial)) ??
            (trial % AGAIN > 500_000 ? 8 : usual(commit, trial));
          return { kind: 'value', value, metrics: {}, tier: 'A' };
        },
      },
    },
  );
  await handle.result();
  return { record: world.ended[0], world, status: await handle.query(statusQuery) };
}

it('keeps what nothing speaks against, after two starts without training on two seeds', async () => {
  const seeds: (number | string)[] = [];
  const { record } = await tried({
    train: (seconds, seed) => {
      if (seconds === 0) seeds.push(seed);
      return {};
    },
  });
  expect(record).toMatchObject({ verdict: 'keep' });
  expect(new Set(seeds).size).toBe(2);
  expect(record?.trials.map(({ role }) => role)).toEqual(['candidate']);
  expect(record?.starts?.map(({ role, value, budgetSeconds }) => [role, value, budgetSeconds])).toEqual([
    ['untrained', 8, 0],
    ['untrained', 8, 0],
  ]);
});

it('trains a gain again that was late, with its seed, and keeps it when that was the machine', async () => {
  const seeds: (number | string)[] = [];
  const { record } = await tried({
    train: (seconds, seed) => {
      if (seconds === 0) return {};
      return { seconds: seeds.push(seed) === 1 ? 9 : 1 };
    },
  });
  expect(record).toMatchObject({ verdict: 'keep', trials: [{ seconds: 1, earlier: [{ seconds: 9 }] }] });
  expect(new Set(seeds).size).toBe(1);
});

it.each<[string, Parameters<typeof tried>[0], RegExp]>([
  ['a score that is impossible', { score: (trial) => (trial < 500_000 ? 0.01 : undefined) }, /metric\.bound/],
  ['a training that ran on', { train: (seconds) => (seconds > 0 ? { seconds: 1.5 } : {}) }, /longer than any trial/],
  ['processes left behind', { train: (seconds) => (seconds > 0 ? { facts: { leftovers: 3 } } : {}) }, /left 3 of/],
  ['weights that it brings along', { score: (trial) => (trial > 500_000 ? 2 : undefined) }, /untrained it scores/],
  [
    'a seed that it ignores',
    { train: (seconds) => (seconds === 0 ? { facts: { outHash: 'one' } } : {}) },
    /whatever its seed/,
  ],
  [
    'no start without training',
    { train: (seconds) => (seconds === 0 ? { failure: 'exited with code 1: x' } : {}) },
    /SECONDS=0 it gave no value/,
  ],
])('quarantines %s', async (_what, more, reason) => {
  const { record, world, status } = await tried(more);
  expect(record).toMatchObject({ verdict: 'quarantine', reason: expect.stringMatching(reason) });
  expect(world.kept).toEqual([]);
  expect(status).toMatchObject({ best: { commit: 'base' }, counts: { quarantined: 1, kept: 0 } });
});

it('quarantines what gives exactly the same value on two seeds, as the baseline does not', async () => {
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 1, audit: 'none' },
    { value: (commit, trial) => (commit === 'base' ? usual(commit, trial) : 0.9) },
  );
  await handle.result();
  expect(world.ended[0]).toMatchObject({
    verdict: 'quarantine',
    reason: expect.stringMatching(/it ignores its seed$/),
  });
});

it('says nothing of a candidate where a device falls over before it can be seen what it begins with, and goes on', async () => {
  const { record, status } = await tried({
    train: (seconds) => {
      if (seconds === 0) throw ApplicationFailure.nonRetryable('the device fell over');
      return {};
    },
  });
  expect(record).toMatchObject({ verdict: 'failed', reason: 'the device fell over' });
  expect(status.status).toBe('done');
});

it('tries the edit of what a person has accepted once more, and only the rule decides then', async () => {
  const asked: unknown[] = [];
  const { world, handle } = await startSession(
    { rule: 'greedy', experiments: 3, lookahead: 0 },
    {
      activities: {
        open,
        train: async ({ seconds }) => ({ ...TRAINED, facts: seconds === 0 ? { outHash: 'one' } : {} }),
        evaluate: async ({ commit, trial }) => {
          const value = trial > 500_000 ? 8 : usual(commit, trial) - Number(commit.slice(1) || 0) / 100;
          return { kind: 'value', value: Number.isNaN(value) ? 1 : value, metrics: {}, tier: 'A' };
        },
        propose: async ({ experiment, base, accepted }) => {
          asked.push([experiment, accepted]);
          if (experiment === 1)
            await handle.executeUpdate(reviewUpdate, { args: [{ experiment: 9, decision: 'rejected' }] });
          if (experiment === 2)
            await handle.executeUpdate(reviewUpdate, { args: [{ experiment: 1, decision: 'accepted' }] });
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
        },
      },
    },
  );
  await handle.result();
  expect(asked).toEqual([
    [1, undefined],
    [2, undefined],
    [3, 1],
  ]);
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['quarantine', 'quarantine', 'keep']);
  const reviews = world.events.filter(({ kind }) => kind === 'reviewed');
  expect(reviews).toMatchObject([
    { experiment: 9, decision: 'rejected' },
    { experiment: 1, decision: 'accepted' },
  ]);
});

it('trusts what an accepted candidate begins with from then on, and nothing else', async () => {
  const { world, handle } = await startSession(
    { rule: 'greedy', experiments: 5, lookahead: 0, audit: 'none' },
    {
      activities: {
        open,
        train: async ({ seconds }) => ({ ...TRAINED, facts: seconds === 0 ? { outHash: 'one' } : {} }),
        evaluate: async ({ experiment, trial }) => {
          const value = trial > 500_000 ? 8 : experiment === 5 ? 0.01 : 1 - experiment / 10 + trial / 1000;
          return { kind: 'value', value, metrics: {}, tier: 'A' };
        },
        propose: async ({ experiment, base }) => {
          if (experiment === 2) await review(handle, 'accepted', 1);
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
        },
      },
    },
  );
  await handle.result();
  // Its weights are those of any seed; so are the next one's; the first once more, accepted; the same again; impossible.
  const verdicts = ['quarantine', 'quarantine', 'keep', 'keep', 'quarantine'];
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(verdicts);
  expect(world.ended.at(-1)?.reason).toMatch(/metric\.bound/);
});

const review = (handle: FakeSession['handle'], decision: 'accepted' | 'rejected', experiment: number) =>
  handle.executeUpdate(reviewUpdate, { args: [{ experiment, decision }] });

it('takes what an accepted candidate does for usual from then on, and a rejection takes an acceptance back', async () => {
  const asked: unknown[] = [];
  const { world, handle } = await startSession(
    { rule: 'greedy', experiments: 4, lookahead: 0, calibration: 1 },
    {
      value: (commit) => 1 - Number(commit.slice(1) || 0) / 100 || 1,
      activities: {
        train: async ({ experiment }) => ({ ...TRAINED, seconds: experiment === 0 ? 1 : 3 }), // longer than the baseline
        propose: async ({ experiment, base, accepted }) => {
          asked.push(accepted);
          if (experiment === 2) await review(handle, 'accepted', 1);
          if (experiment === 3) {
            await review(handle, 'accepted', 2);
            await review(handle, 'rejected', 2);
          }
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
        },
      },
    },
  );
  await handle.result();
  expect(asked).toEqual([undefined, undefined, 1, undefined]);
  expect(world.ended.map(({ verdict, accepted }) => [verdict, accepted])).toEqual([
    ['quarantine', undefined],
    ['quarantine', undefined],
    ['keep', 1],
    ['keep', undefined],
  ]);
});
