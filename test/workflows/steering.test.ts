import { EventEmitter, once } from 'node:events';
import { Context } from '@temporalio/activity';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { startSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';
import {
  extendUpdate,
  hintUpdate,
  patchUpdate,
  pauseUpdate,
  resumeUpdate,
  statusQuery,
  stopUpdate,
  vetoUpdate,
} from '../../workflows/messages.ts';

it('starts with no argument at all, as from an empty box in the UI', async () => {
  const { handle } = await startSession();
  await until(async () => (await handle.query(statusQuery)).status === 'running');
  expect((await handle.query(statusQuery)).budget.experiments).toBe(100);
  await handle.executeUpdate(stopUpdate, { args: [{ now: true }] });
  expect((await handle.result()).status).toBe('done');
});

it('pauses after the running experiment, takes hints and more budget, and goes on', async () => {
  const gate = new EventEmitter();
  const held = once(gate, 'open');
  const { handle } = await startSession(
    { experiments: 1 },
    {
      activities: {
        evaluate: async ({ experiment }) => {
          if (experiment === 1) await held;
          return { kind: 'value', value: 1, metrics: {}, tier: 'B' };
        },
      },
    },
  );
  await until(
    async () =>
      (await handle.query(statusQuery)).running?.stage === 'evaluate' &&
      (await handle.query(statusQuery)).running?.experiment === 1,
  );
  expect((await handle.executeUpdate(pauseUpdate, { args: [{}] })).status).toBe('pausing');
  expect((await handle.executeUpdate(extendUpdate, { args: [{ experiments: 1 }] })).budget.experiments).toBe(2);
  await handle.executeUpdate(hintUpdate, { args: [{ text: 'try a smaller batch' }] });
  gate.emit('open');
  await until(async () => (await handle.query(statusQuery)).status === 'paused');
  expect((await handle.query(statusQuery)).hints).toEqual(['try a smaller batch']);
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  expect((await handle.result()).experiments.total).toBe(2);
});

const DIFF = '--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-A = 1\n+A = 2\n';

it('has the edit of a person proposed once, after what waits already, and refuses what is no diff', async () => {
  const asked: (readonly [number, string | undefined])[] = [];
  const { handle } = await startSession(
    { experiments: 4, rule: 'greedy', lookahead: 0 },
    {
      activities: {
        propose: async ({ experiment, base, patch }) => {
          asked.push([experiment, patch?.hypothesis]);
          if (experiment === 1) {
            const send = () =>
              handle.executeUpdate(patchUpdate, {
                args: [{ diff: DIFF, hypothesis: 'twice as much' }],
                updateId: 'one',
              });
            await send();
            await send(); // its sender heard nothing
          }
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: 'an idea' };
        },
      },
    },
  );
  const wrong = await handle
    .executeUpdate(patchUpdate, { args: [{ diff: 'make it better' }] })
    .catch((error: unknown) => error);
  expect((wrong as WorkflowUpdateFailedError).cause?.message).toContain('Expected a unified diff');
  await handle.result();
  expect(asked).toEqual([
    [1, undefined],
    [2, 'twice as much'],
    [3, undefined],
    [4, undefined],
  ]);
});

it('drops what a person vetoes: the experiment that trains, its training ended, and the one that waits', async () => {
  const ended: number[] = [];
  const { handle } = await startSession(
    { experiments: 2, rule: 'greedy' },
    {
      activities: {
        train: async ({ experiment }) => {
          if (experiment !== 1) return TRAINED;
          const { cancelled } = Context.current();
          const beat = setInterval(() => Context.current().heartbeat(), 100);
          await cancelled
            .catch((error: unknown) => {
              ended.push(experiment);
              throw error;
            })
            .finally(() => clearInterval(beat));
          return TRAINED;
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).waitingProposals === 1);
  const wrong = await handle.executeUpdate(vetoUpdate, { args: [{ experiment: 7 }] }).catch((error: unknown) => error);
  expect((wrong as WorkflowUpdateFailedError).cause?.message).toContain(
    'Expected an experiment that is being tried or waits (that is 1 and 2), got 7.',
  );
  await handle.executeUpdate(vetoUpdate, { args: [{ experiment: 2 }] });
  await handle.executeUpdate(vetoUpdate, { args: [{ experiment: 1 }] });
  const best = await handle.result();
  expect(ended).toEqual([1]);
  expect(best.experiments).toMatchObject({ total: 2, dropped: 2 });
  const { last } = await handle.query(statusQuery);
  expect(last.slice(0, 2).map(({ experiment, verdict, reason }) => [experiment, verdict, reason])).toEqual([
    [1, 'dropped', 'vetoed by a person'],
    [2, 'dropped', 'vetoed by a person'],
  ]);
});

it('refuses a message that it does not understand, and says what it expected', async () => {
  const { handle } = await startSession({ experiments: 50 });
  const wrong = handle.executeUpdate(extendUpdate, { args: [{ experiments: -1 }] }).catch((error: unknown) => error);
  const error = await wrong;
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  expect((error as WorkflowUpdateFailedError).cause?.message).toContain(
    'Expected `experiments` to be at least 1, got -1.',
  );
  await handle.executeUpdate(stopUpdate, { args: [{ now: true }] });
  await handle.result();
});

it('records the experiment that a cancellation cut short as undecided, and every other number too', async () => {
  const { world, handle } = await startSession(
    { experiments: 9 },
    {
      activities: {
        train: async ({ experiment }) => {
          if (experiment !== 2) return TRAINED;
          await handle.cancel();
          // Cancellations come with the heartbeats.
          for (;;) {
            Context.current().heartbeat();
            await Context.current().sleep('100ms');
          }
        },
      },
    },
  );
  await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
  const verdicts = world.ended.map(({ experiment, verdict }) => `${experiment} ${verdict}`);
  expect(verdicts.slice(0, 2)).toEqual(['1 discard', '2 undecided']);
  expect(world.ended.map(({ experiment }) => experiment)).toEqual(world.ended.map((_, index) => index + 1));
  expect(world.events.at(-1)).toMatchObject({ kind: 'end', reason: 'cancelled' });
});

it('records the proposal that waited when a cancellation came while a keep was written', async () => {
  const { world, handle } = await startSession(
    { experiments: 9 },
    {
      activities: {
        commit: async ({ record }) => {
          await handle.cancel();
          return { kind: 'committed', tip: record.candidate ?? '' };
        },
      },
    },
  );
  await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
  // Proposal 4 was made on the old incumbent, and was to be made once more on the new one.
  expect(world.ended.at(-1)).toMatchObject({ experiment: 4, verdict: 'dropped', hypothesis: 'idea 4' });
  expect(world.events.at(-1)).toMatchObject({ kind: 'end', reason: 'cancelled' });
});
