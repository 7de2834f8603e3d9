// Two sessions and one device: they take turns, however many lanes each has.
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { afterEach, expect, inject, it } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import { CONTROL_QUEUE, DEVICE_QUEUE } from '../../src/domain/names.ts';
import type { researchSession } from '../../workflows/index.ts';
import { pauseUpdate, resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { startFakeWorld, TRAINED, type FakeWorld } from '../support/fake-world.ts';
import { until } from '../support/until.ts';

/** TASK_QUEUE_TYPE_ACTIVITY of the server's protocol. */
const ACTIVITIES = 2;

let world: FakeWorld | undefined;
afterEach(async () => world?.stop());

it('a session of two lanes does not wait until all that a session of eight has asked for is trained', async () => {
  const turns: string[] = [];
  const gate = { isHeld: true };
  const session = (id: string): WorkflowHandle<typeof researchSession> => {
    if (world === undefined) throw new Error('Expected a world.');
    return world.client.workflow.getHandle(id);
  };
  const train: Activities['train'] = async ({ contract, experiment }) => {
    const context = Context.current();
    if (experiment > 0) turns.push(contract.session);
    if (contract.session === 'narrow' && experiment === 0)
      await session('narrow').executeUpdate(pauseUpdate, { args: [{}] });
    if (contract.session === 'narrow' || experiment === 0) return TRAINED;
    while (gate.isHeld) {
      context.heartbeat({ hostId: 'host', device: 'cpu' });
      await context.sleep('50ms');
    }
    return TRAINED;
  };
  const place = { address: inject('temporalAddress'), workflowBundlePath: inject('workflowBundlePath') };
  world = await startFakeWorld(place, { trainings: 1, activities: { train } });
  const { workflow } = world.client;
  const start = (workflowId: string, parallel: number) =>
    workflow.start('researchSession', {
      workflowId,
      taskQueue: CONTROL_QUEUE,
      args: [{ experiments: 20, calibration: 1, rule: 'greedy', parallel, lookahead: 0 }],
    });
  const waiting = async () => {
    const { stats } = await workflow.workflowService.describeTaskQueue({
      namespace: workflow.options.namespace,
      taskQueue: { name: DEVICE_QUEUE },
      taskQueueType: ACTIVITIES,
      reportStats: true,
    });
    return Number(stats?.approximateBacklogCount ?? 0);
  };
  const lanesOf = async (id: string) => (await session(id).query(statusQuery)).lanes?.length;

  await start('narrow', 2);
  await until(async () => (await session('narrow').query(statusQuery)).status === 'paused');
  await start('wide', 8);
  await until(async () => (await lanesOf('wide')) === 8);
  await session('narrow').executeUpdate(resumeUpdate, { args: [{}] });
  await until(async () => (await lanesOf('narrow')) === 2);
  // Asked for is not yet in the queue: turns can only be taken among what lies there, 7 of one session, 2 of the other.
  await until(async () => (await waiting()) === 9);
  expect(turns).toEqual(['wide']);
  gate.isHeld = false;
  await until(() => turns.length > 7);
  // The server has handed out one turn or two of the wide session beforehand; from there on they alternate.
  expect(turns.slice(0, 5).filter((turn) => turn === 'narrow')).toHaveLength(2);
  for (const id of ['narrow', 'wide']) await session(id).executeUpdate(stopUpdate, { args: [{}] });
  await Promise.all([session('narrow').result(), session('wide').result()]);
});
