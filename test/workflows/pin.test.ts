// A person sets from where a session goes on: the candidate of any experiment, or the baseline.
import type { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { pinUpdate, statusQuery } from '../../workflows/messages.ts';
import { startSession } from '../support/fake-session.ts';
import { TRAINED, type FakeWorldOptions } from '../support/fake-world.ts';

/** Pins this experiment while experiment 3, which is kept, trains. */
async function pinned(experiment: number, more: NonNullable<FakeWorldOptions['activities']> = {}, shape = {}) {
  let pin: (() => Promise<void>) | undefined;
  const session = await startSession(
    { experiments: 4, lookahead: 0, ...shape },
    {
      activities: {
        train: async (input) => {
          if (input.experiment === 3) await pin?.();
          return TRAINED;
        },
        ...more,
      },
    },
  );
  pin = async () => {
    await session.handle.executeUpdate(pinUpdate, { args: [{ experiment }] });
  };
  const result = await session.handle.result();
  const { events, ended, calls } = session.world;
  return { result, calls, ended, moved: events.filter((event) => event.kind === 'moved'), handle: session.handle };
}

it('goes on from a candidate that was not kept, once it is measured as the baseline was', async () => {
  const { result, moved, ended, calls } = await pinned(2);
  expect(calls).toContain('restore c2 on c3');
  expect(moved).toMatchObject([{ from: 'c3', to: 'c2-again', after: 3, restores: { commit: 'c2', experiment: 2 } }]);
  expect(moved[0]?.trials).toHaveLength(3);
  expect(ended.at(-1)).toMatchObject({ experiment: 4, base: 'c2-again', incumbent: { commit: 'c2-again' } });
  expect(result.best?.commit).toBe('c2-again');
});

it('goes back to the baseline, which is known already, and trains nothing for it', async () => {
  const { moved, ended, handle } = await pinned(0, {}, { audit: 'all' });
  expect(moved).toMatchObject([{ to: 'base-again', trials: [], restores: { commit: 'base', experiment: 0 } }]);
  expect(ended.at(-1)).toMatchObject({ base: 'base-again', incumbent: { commit: 'base-again', value: 1 } });
  expect((await handle.query(statusQuery)).notices).toContain(
    'The line goes on from the baseline, as a person wants, in base-ag.',
  );
});

it('leaves the line where it is, and says why, where that gives no value', async () => {
  const { moved, result, handle } = await pinned(2, {
    evaluate: async ({ commit }) =>
      commit === 'c2-again'
        ? { kind: 'none', failure: 'the loss is no number.' }
        : { kind: 'value', value: commit === 'c3' ? 0.5 : 1, metrics: {}, tier: 'B' },
  });
  expect(moved).toEqual([]);
  expect(result.best?.commit).toBe('c3');
  expect((await handle.query(statusQuery)).notices).toContain(
    'The line does not go on from experiment 2: it gives no value that counts (the loss is no number).',
  );
});

it('says so where an experiment has no candidate', async () => {
  const { moved, handle } = await pinned(1, {
    restore: async () => {
      throw ApplicationFailure.nonRetryable('Expected experiment 1 to have a candidate, got none.', 'InvalidInput');
    },
  });
  expect(moved).toEqual([]);
  expect((await handle.query(statusQuery)).notices).toContain(
    'The line does not go on from experiment 1: Expected experiment 1 to have a candidate, got none.',
  );
});

it('refuses an experiment that there was not', async () => {
  const session = await startSession({ experiments: 50 });
  const wrong = await session.handle
    .executeUpdate(pinUpdate, { args: [{ experiment: 70 }] })
    .catch((error: unknown) => error);
  expect((wrong as WorkflowUpdateFailedError).cause?.message).toMatch(/Expected an experiment that there was .*got 70/);
});
