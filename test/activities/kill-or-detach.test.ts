// Whose cancellation ends a training: somebody who wants it ended, never a worker or a server that goes.
import { readFileSync } from 'node:fs';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import type { Trained, TrainInput } from '../../activities/contract.ts';
import { createTrain } from '../../activities/train.ts';
import { isAlive } from '../../src/trainer/process-identity.ts';
import { readPidNote } from '../../src/trainer/trial-state.ts';
import { trialDirectory } from '../../src/trainer/trial-directory.ts';
import { until } from '../support/until.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

/** A training under way, in an activity that can be cancelled. */
async function underWay() {
  const files = { 'autoresearch.yaml': taskFile('echo begun; sleep 4; echo METRIC loss=1') };
  const { open, device, state } = await createWorkshop(files);
  const contract = await open({ session: 'night', input: {}, at: AT });
  const input: TrainInput = { contract, experiment: 0, trial: 1, commit: contract.base, seed: 7, seconds: 1 };
  const directory = trialDirectory(state.trials, { session: 'night', experiment: 0, trial: 1 });
  const train = (worker: MockActivityEnvironment): Promise<Trained> => worker.run(createTrain(device), input);
  const worker = new MockActivityEnvironment();
  const ended = train(worker).catch((error: unknown) => error);
  const child = await until(() => readPidNote(directory, 'night/0/1', () => undefined)?.child ?? false);
  return { directory, child, worker, ended, again: () => train(new MockActivityEnvironment()) };
}

type Reason = Parameters<MockActivityEnvironment['cancel']>[0];
type Details = ConstructorParameters<typeof ActivityCancellationDetails>[0];

it.each<[string, Reason, Details]>([
  ['the server knows it no more, having been away for longer than a heartbeat', 'NOT_FOUND', { notFound: true }],
  ['its time on the server is over', 'TIMED_OUT', { timedOut: true }],
  ['the worker goes', 'WORKER_SHUTDOWN', { workerShutdown: true }],
])('a training goes on when %s, and whoever asks next adopts it', async (_when, reason, details) => {
  const { directory, child, worker, ended, again } = await underWay();
  worker.cancel(reason, new ActivityCancellationDetails(details));
  expect(await ended).toMatchObject({ type: 'WorkerShutdown' });
  expect(isAlive(child)).toBe(true);
  expect((await again()).failure).toBeUndefined();
  expect(readFileSync(directory.log, 'utf8').match(/begun/g)).toHaveLength(1);
});

it.each([
  ['cancelled', { cancelRequested: true }],
  ['reset', { reset: true }],
])('a training is ended when it is %s', async (_how, details) => {
  const { child, worker, ended } = await underWay();
  worker.cancel('CANCELLED', new ActivityCancellationDetails(details));
  expect(await ended).toMatchObject({ name: 'CancelledFailure' });
  expect(isAlive(child)).toBe(false);
});
