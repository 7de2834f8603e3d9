import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { asFailure, deviceFailure } from '../../activities/failures.ts';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import { DEVICE_QUEUE, ownDeviceQueue } from '../../src/domain/names.ts';
import { createTrain } from '../../activities/train.ts';
import { newFolder } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const PLACE = { hostId: 'host', device: 'cpu' };
const OWN = ownDeviceQueue('host', 'cpu');
const GONE = Object.assign(new Error('ENOENT: no such file or directory'), { code: 'ENOENT' });

/** What Temporal is told of an error on this queue, at this attempt. */
async function toldOf(error: Error, taskQueue: string, attempt = 1): Promise<ApplicationFailure> {
  const folder = await newFolder();
  const environment = new MockActivityEnvironment({ taskQueue, attempt, scheduledTimestampMs: Date.now() });
  return environment.run(async () => deviceFailure(asFailure(error, folder), PLACE) as ApplicationFailure);
}

it('sends a trial whose one attempt on the shared queue failed to the device that has it', async () => {
  expect(await toldOf(GONE, DEVICE_QUEUE)).toMatchObject({
    type: 'WorkerShutdown',
    message: GONE.message,
    details: [PLACE],
  });
});

it('is what a training does whose folder cannot be made', async () => {
  const { open, device, state } = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const contract = await open({ session: 'night', input: {}, at: AT });
  await writeFile(join(state.trials, 'night'), 'no folder');
  const environment = new MockActivityEnvironment({ taskQueue: DEVICE_QUEUE, scheduledTimestampMs: Date.now() });
  const input = { contract, experiment: 0, trial: 1, commit: contract.base, seed: 7, seconds: 1 };
  const place = { hostId: device.hostId, device: device.device.id };
  await expect(environment.run(createTrain(device), input)).rejects.toMatchObject({
    type: 'WorkerShutdown',
    details: [place],
  });
});

it('tries again on the device’s own queue, and leaves what does not pass to a person', async () => {
  expect(await toldOf(GONE, OWN, 37)).toMatchObject({ type: 'Error', nonRetryable: false });
  const last = await toldOf(GONE, OWN, 38);
  expect(last).toMatchObject({ type: 'Blocked', nonRetryable: true });
  expect(last.message).toBe('ENOENT: no such file or directory. Mend that, then resume.');
});

it.each([DEVICE_QUEUE, OWN])('says at once what only a person can mend (%s)', async (queue) => {
  expect((await toldOf(new InvalidInput('Expected a number.'), queue)).type).toBe('InvalidInput');
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  expect((await toldOf(full, queue)).type).toBe('Blocked');
});
