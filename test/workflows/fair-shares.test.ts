// Two sessions and one device: they take turns, however many lanes each has.
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { afterEach, expect, inject, it } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import type { researchSession } from '../../workflows/index.ts';
import { pauseUpdate, resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { startFakeWorld, TRAINED, type FakeWorld } from '../support/fake-world.ts';
import { until } from '../support/until.ts';

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
  const lanesOf = async (id: string) => (await session(id).query(statusQuery)).lanes?.length;

  await start('narrow', 2);
  await until(async () => (await session('narrow').query(statusQuery)).status === 'paused');
  await start('wide', 8);
  await until(async () => (await lanesOf('wide')) === 8);
  await session('narrow').executeUpdate(resumeUpdate, { args: [{}] });
  await until(async () => (await lanesOf('narrow')) === 2);
  const asksFor = async (id: string) => (await session(id).describe()).raw.pendingActivities?.length;
  await until(async () => (await asksFor('narrow')) === 2);
  expect(turns).toEqual(['wide']);
  gate.isHeld = false;
  await until(() => turns.length > 7);
  // Seven were asked for before; the server keeps more than one queue, so that turns are taken only about.
  expect(turns.slice(0, 7)).toContain('narrow');
  for (const id of ['narrow', 'wide']) await session(id).executeUpdate(stopUpdate, { args: [{}] });
  await Promise.all([session('narrow').result(), session('wide').result()]);
});
