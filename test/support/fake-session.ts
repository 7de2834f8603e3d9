// Starts a session in a fake world and waits for things; every workflow test begins with it.
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { afterEach, inject } from 'vitest';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import type { researchSession } from '../../workflows/index.ts';
import { startFakeWorld, type FakeWorld, type FakeWorldOptions } from './fake-world.ts';

let running: FakeWorld | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** A started session and its world, which ends with the test. */
export interface FakeSession {
  readonly world: FakeWorld;
  readonly firstRunId: string;
  readonly handle: WorkflowHandle<typeof researchSession>;
}

/**
 * Starts a session; `input` left out starts it as an empty box in the UI does, with no argument. Other rules than
 * `greedy`, which has a verdict after one trial, must be asked for.
 */
export async function startSession(input?: object, options?: FakeWorldOptions): Promise<FakeSession> {
  const place = { address: inject('temporalAddress'), workflowBundlePath: inject('workflowBundlePath') };
  const world = await startFakeWorld(place, options);
  running = world;
  const workflowId = `test-${randomUUID()}`;
  const args = input === undefined ? [] : [{ rule: 'greedy', ...input }];
  const { firstExecutionRunId } = await world.client.workflow.start('researchSession', {
    workflowId,
    taskQueue: CONTROL_QUEUE,
    args,
  });
  return {
    world,
    firstRunId: firstExecutionRunId,
    handle: world.client.workflow.getHandle<typeof researchSession>(workflowId),
  };
}
