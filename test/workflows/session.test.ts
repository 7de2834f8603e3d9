import { randomUUID } from 'node:crypto';
import { ApplicationFailure, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import type { researchSession } from '../../workflows/index.ts';
import {
  bestQuery,
  experimentsQuery,
  extendUpdate,
  hintUpdate,
  pauseUpdate,
  resumeUpdate,
  statusQuery,
  stopUpdate,
} from '../../workflows/messages.ts';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import type { SessionInput } from '../../src/domain/session.ts';
import { startFakeWorld, type FakeWorld, type FakeWorldOptions } from '../support/fake-world.ts';

let world: FakeWorld | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

async function start(input?: SessionInput | object, options?: FakeWorldOptions) {
  world = await startFakeWorld(options);
  const { client } = world;
  const workflowId = `test-${randomUUID()}`;
  const args = input === undefined ? [] : [input as SessionInput];
  const handle = await client.workflow.start<typeof researchSession>('researchSession', {
    workflowId,
    taskQueue: CONTROL_QUEUE,
    args,
  } as never);
  return { world, handle };
}

/** Resolves when `ready` holds; the test's own time limit is the only clock. */
async function until(ready: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await ready())) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('measures the baseline, then keeps what is better and reverts what is not, one record for each experiment', async () => {
  const { world, handle } = await start({ experiments: 6 });
  const best = await handle.result();
  expect(best).toMatchObject({
    status: 'done',
    metric: 'loss',
    best: { commit: 'c6', experiment: 6, value: 0.94, trials: 1 },
    baseline: { commit: 'base', trials: 3 },
    experiments: { total: 6, kept: 2, discarded: 4 },
  });
  expect(best.baseline?.value).toBeCloseTo(1, 10);
  expect(best.gain?.claimed).toBeCloseTo(0.06, 10);
  expect(world.ended.map(({ experiment, verdict }) => `${experiment} ${verdict}`)).toEqual([
    '1 discard',
    '2 discard',
    '3 keep',
    '4 discard',
    '5 discard',
    '6 keep',
  ]);
  expect(world.events.map(({ kind }) => kind)).toEqual(['baseline', 'end']);
  expect(world.ended[0]?.noise).toBeCloseTo(0.01, 10);
});

it('rebases the proposal that waited when the incumbent has moved, and judges it against the new one', async () => {
  const { world, handle } = await start({ experiments: 4 });
  await handle.result();
  // Proposal 4 was made while 3 trained, on the old incumbent.
  expect(world.calls.filter((call) => call.startsWith('propose 4'))).toEqual(['propose 4', 'propose 4 again']);
  expect(world.ended[3]).toMatchObject({ base: 'c3', incumbent: { commit: 'c3' } });
});

it('makes no proposal ahead without look-ahead, and none that the budget will not pay', async () => {
  const { world, handle } = await start({ experiments: 2, lookahead: 0 });
  await handle.result();
  expect(world.calls.indexOf('propose 2')).toBeGreaterThan(world.calls.indexOf('evaluate 1/1'));
  expect(world.calls.filter((call) => call.startsWith('propose'))).toHaveLength(2);
});

it('never gives two trials of a commit the same seed', async () => {
  const { world, handle } = await start({ experiments: 1, calibration: 5 });
  await handle.result();
  const seeds = world.calls.filter((call) => call.startsWith('train 0/')).map((call) => call.split('seed ')[1]);
  expect(new Set(seeds).size).toBe(5);
});

it('starts with no argument at all, as from an empty box in the UI', async () => {
  const { handle } = await start();
  await until(async () => (await handle.query(statusQuery)).status === 'running');
  expect((await handle.query(statusQuery)).budget.experiments).toBe(100);
  await handle.executeUpdate(stopUpdate, { args: [{ now: true }] });
  expect((await handle.result()).status).toBe('done');
});

it('fails at once with every mistake in the input, each by its name', async () => {
  const { handle } = await start({ experiments: 0, trialSeconds: 'long', colour: 'blue' });
  const error = await handle.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const message = ((error as WorkflowFailedError).cause as ApplicationFailure).message;
  expect(message).toContain('Expected `experiments` to be at least 1, got 0.');
  expect(message).toContain('Expected `trialSeconds` to be a number, got "long".');
  expect(message).toContain('Unknown option `colour`');
});

it('fails at once with the sentence of open when the repo cannot be used', async () => {
  const open = async (): Promise<never> => {
    throw ApplicationFailure.nonRetryable('Expected `repo` to be a git repo, got /tmp.', 'InvalidInput');
  };
  const { handle } = await start({}, { activities: { open } });
  const error = await handle.result().catch((thrown: unknown) => thrown);
  expect(((error as WorkflowFailedError).cause as ApplicationFailure).message).toBe(
    'Expected `repo` to be a git repo, got /tmp.',
  );
});

it('is blocked by what only a person can mend, says so, and goes on after resume', async () => {
  let broken = true;
  const { world, handle } = await start(
    { experiments: 1 },
    {
      activities: {
        revert: async () => {
          if (broken) throw ApplicationFailure.nonRetryable('The disk is full. Make room, then resume.', 'Blocked');
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toBe('The disk is full. Make room, then resume.');
  broken = false;
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await handle.result();
  expect(world.events.at(-1)?.kind).toBe('end');
});

it('books a candidate that gives no value as a crash and goes on', async () => {
  const { world, handle } = await start(
    { experiments: 2 },
    {
      activities: {
        evaluate: async ({ experiment }) =>
          experiment === 1
            ? { kind: 'none', failure: 'Expected `loss` to be a finite number, got nan.' }
            : { kind: 'value', value: 1, metrics: {}, tier: 'B' },
      },
    },
  );
  expect((await handle.result()).experiments).toMatchObject({ total: 2, crashed: 1, discarded: 1 });
  expect(world.ended[0]).toMatchObject({ verdict: 'crash', reason: 'Expected `loss` to be a finite number, got nan.' });
});

it('records an experiment that the world spoiled as failed, and blocks after three in a row', async () => {
  const { handle } = await start(
    { experiments: 5 },
    {
      activities: {
        train: async ({ experiment }) => {
          if (experiment > 0) throw ApplicationFailure.nonRetryable('the device fell over');
          return {
            hostId: 'host',
            device: 'cpu',
            deviceClass: 't',
            dataHash: 'd',
            startedAt: '',
            endedAt: '',
            seconds: 1,
          };
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  const status = await handle.query(statusQuery);
  expect(status.counts).toMatchObject({ total: 3, failed: 3 });
  expect(status.reason).toContain('the device fell over');
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  expect((await handle.result()).status).toBe('done');
});

it('pauses after the running experiment, takes hints and more budget, and goes on', async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { handle } = await start(
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
  release();
  await until(async () => (await handle.query(statusQuery)).status === 'paused');
  expect((await handle.query(statusQuery)).hints).toEqual(['try a smaller batch']);
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  expect((await handle.result()).experiments.total).toBe(2);
});

it('refuses a message that it does not understand, and says what it expected', async () => {
  const { handle } = await start({ experiments: 50 });
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
  const { world, handle } = await start(
    { experiments: 9 },
    {
      activities: {
        train: async ({ experiment }) => {
          if (experiment === 2) await handle.cancel();
          const { Context } = await import('@temporalio/activity');
          if (experiment === 2)
            await Context.current().cancelled.catch((error: unknown) => Promise.reject(error as Error));
          return {
            hostId: 'host',
            device: 'cpu',
            deviceClass: 't',
            dataHash: 'd',
            startedAt: '',
            endedAt: '',
            seconds: 1,
          };
        },
      },
    },
  );
  await expect(handle.result()).rejects.toThrow();
  const verdicts = world.ended.map(({ experiment, verdict }) => `${experiment} ${verdict}`);
  expect(verdicts.slice(0, 2)).toEqual(['1 discard', '2 undecided']);
  expect(world.ended.map(({ experiment }) => experiment)).toEqual(world.ended.map((_, index) => index + 1));
  expect(world.events.at(-1)).toMatchObject({ kind: 'end', reason: 'cancelled' });
});

it('trains again where the trial is when its worker goes, and anywhere when that host is gone', async () => {
  const queues: string[] = [];
  const { handle } = await start(
    { experiments: 1, calibration: 1 },
    {
      activities: {
        train: async ({ experiment }) => {
          const { Context } = await import('@temporalio/activity');
          const { info } = Context.current();
          if (experiment === 1) queues.push(info.taskQueue);
          const place = { hostId: 'host', device: 'cpu' };
          if (experiment === 1 && queues.length === 1) {
            throw ApplicationFailure.create({ type: 'WorkerShutdown', message: 'bye', details: [place] });
          }
          return { ...place, deviceClass: 't', dataHash: 'd', startedAt: '', endedAt: '', seconds: 1 };
        },
      },
    },
  );
  expect((await handle.result()).experiments.total).toBe(1);
  expect(queues).toEqual(['autoresearch-gpu', 'autoresearch-gpu@host/cpu']);
});

it('gives the same answers when every workflow task replays the whole history', async () => {
  const { world, handle } = await start({ experiments: 4 }, { maxCachedWorkflows: 0 });
  expect((await handle.result()).best).toMatchObject({ commit: 'c3' });
  expect(world.ended.map(({ experiment }) => experiment)).toEqual([1, 2, 3, 4]);
  expect((await handle.query(experimentsQuery, { limit: 2 })).map(({ experiment }) => experiment)).toEqual([3, 4]);
  expect((await handle.query(bestQuery)).status).toBe('done');
});

it('spends at most 32 history events on an experiment of one trial', async () => {
  const { handle } = await start(
    { experiments: 20 },
    { value: (commit, trial) => (commit === 'base' ? 1 + trial / 100 : 2) },
  );
  await handle.result();
  const { events } = await handle.fetchHistory();
  const perExperiment = ((events?.length ?? 0) - 60) / 20;
  expect(perExperiment).toBeLessThanOrEqual(32);
});
