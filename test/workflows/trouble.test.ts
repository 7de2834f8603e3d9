import { Context } from '@temporalio/activity';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { startSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';
import { resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';

it('fails at once with every mistake in the input, each by its name', async () => {
  const { handle } = await startSession({ experiments: 0, trialSeconds: 'long', colour: 'blue' });
  const error = await handle.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const message = ((error as WorkflowFailedError).cause as ApplicationFailure).message;
  expect(message).toContain('Expected `experiments` to be at least 1, got 0.');
  expect(message).toContain('Expected `trialSeconds` to be a number, got "long".');
  expect(message).toContain('Unknown option `colour`');
});

const refuseRepo = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('Expected `repo` to be a git repo, got /tmp.', 'InvalidInput');
};

it('fails at once with the sentence of open when the repo cannot be used', async () => {
  const { handle } = await startSession({}, { activities: { open: refuseRepo } });
  const error = await handle.result().catch((thrown: unknown) => thrown);
  expect(((error as WorkflowFailedError).cause as ApplicationFailure).message).toBe(
    'Expected `repo` to be a git repo, got /tmp.',
  );
});

it('is blocked by what only a person can mend, says so, and goes on after resume', async () => {
  let broken = true;
  const { world, handle } = await startSession(
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
  const { world, handle } = await startSession(
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
  const { handle } = await startSession(
    { experiments: 5 },
    {
      activities: {
        train: async ({ experiment }) => {
          if (experiment > 0) throw ApplicationFailure.nonRetryable('the device fell over');
          return TRAINED;
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  const status = await handle.query(statusQuery);
  expect(status.counts).toMatchObject({ total: 3, failed: 3 });
  expect(status.reason).toContain('the device fell over');
  expect((await handle.executeUpdate(stopUpdate, { args: [{}] })).status).toBe('stopping');
  expect((await handle.result()).status).toBe('done');
});

it('is blocked by a device that fails while the baseline is measured, and measures that trial again after resume', async () => {
  const trials: number[] = [];
  const { world, handle } = await startSession(
    { experiments: 1, calibration: 2 },
    {
      activities: {
        train: async ({ experiment, trial }) => {
          if (experiment > 0) return TRAINED;
          trials.push(trial);
          if (trials.length === 2) throw ApplicationFailure.nonRetryable('the device fell over');
          return TRAINED;
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toBe(
    "The baseline's trial 2 could not be measured: the device fell over. Mend that, then resume; or stop the session.",
  );
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  expect((await handle.result()).experiments.total).toBe(1);
  expect(trials).toEqual([1, 2, 1602]);
  expect(world.events[0]).toMatchObject({ kind: 'baseline', trials: [{ trial: 1 }, { trial: 1602 }] });
});

it('is blocked by a baseline that fails a check, says which in its words, and measures that trial again after resume', async () => {
  let broken = true;
  const failedCheck = 'check "correctness" failed: correctness: FAIL';
  const { world, handle } = await startSession(
    { experiments: 1, calibration: 2 },
    {
      activities: {
        evaluate: async ({ trial }) => {
          const value = { kind: 'value', value: trial % 1600, metrics: {}, tier: 'B' } as const;
          return broken && trial === 2 ? { ...value, failedCheck } : value;
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toMatch(
    /^The baseline's trial 2 \(seed 12\) gave no value that counts: check "correctness" failed: correctness: FAIL\. If this machine/,
  );
  expect(world.events).toEqual([]);
  broken = false;
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await handle.result();
  expect(world.events[0]).toMatchObject({ kind: 'baseline', trials: [{ trial: 1 }, { trial: 1602, value: 2 }] });
});

it('trains again where the trial is when its worker goes, and anywhere when that host is gone', async () => {
  const queues: string[] = [];
  const { handle } = await startSession(
    { experiments: 1, calibration: 1 },
    {
      activities: {
        train: async ({ experiment }) => {
          const { info } = Context.current();
          if (experiment === 1) queues.push(info.taskQueue);
          const place = { hostId: 'host', device: 'cpu' };
          if (experiment === 1 && queues.length === 1) {
            throw ApplicationFailure.create({ type: 'WorkerShutdown', message: 'bye', details: [place] });
          }
          return TRAINED;
        },
      },
    },
  );
  expect((await handle.result()).experiments.total).toBe(1);
  expect(queues).toEqual(['autoresearch-gpu', 'autoresearch-gpu@host/cpu']);
});

it('goes back to the device that has the trained model when a person has mended its scoring', async () => {
  const queues: string[] = [];
  let broken = true;
  const { handle } = await startSession(
    { experiments: 2, calibration: 1 },
    {
      activities: {
        train: async ({ experiment }) => {
          queues.push(`${experiment} ${Context.current().info.taskQueue}`);
          return TRAINED;
        },
        evaluate: async ({ experiment }) => {
          if (broken && experiment === 1) throw ApplicationFailure.nonRetryable('The scorer is broken.', 'Blocked');
          return { kind: 'value', value: 1 + experiment, metrics: {}, tier: 'B' };
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  broken = false;
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await handle.result();
  const [shared, own] = ['autoresearch-gpu', 'autoresearch-gpu@host/cpu'];
  expect(queues).toEqual([`0 ${shared}`, `1 ${shared}`, `1 ${own}`, `2 ${shared}`]);
});

it('loses no record when a person stops a session that is blocked while it writes one down', async () => {
  let full = true;
  const written: number[] = [];
  const { handle } = await startSession(
    { experiments: 9 },
    {
      activities: {
        revert: async ({ record }) => {
          if (full && record.experiment === 1) throw ApplicationFailure.nonRetryable('The disk is full.', 'Blocked');
          written.push(record.experiment);
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.executeUpdate(stopUpdate, { args: [{}] })).status).toBe('blocked');
  expect((await handle.query(statusQuery)).status).toBe('blocked');
  full = false;
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  expect((await handle.result()).status).toBe('done');
  expect(written).toEqual(written.map((_, index) => index + 1));
});
