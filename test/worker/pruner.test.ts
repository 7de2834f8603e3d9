// Which outputs go, as real sessions on a real server say; the trials' folders are laid down by hand.
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { expect, inject, it, onTestFinished } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import { prepareStateDirectory, stateDirectory, type StateDirectory } from '../../src/config.ts';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import { createPruner } from '../../src/pruner.ts';
import { trialDirectory, trialId, type TrialDirectory } from '../../src/trainer/trial-directory.ts';
import { trialSpecSchema } from '../../src/trainer/trial-spec.ts';
import { AT, createWorkshop, taskFile } from '../activities/workshop.ts';
import { newFolder } from '../git/sandbox.ts';
import { startSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';
import { statusQuery } from '../../workflows/messages.ts';

/** A connection that ends with the test. To be made after a session's worker, which brings its own logger. */
async function connect(): Promise<NativeConnection> {
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  onTestFinished(() => connection.close());
  return connection;
}

const newState = async (): Promise<StateDirectory> =>
  prepareStateDirectory(stateDirectory({ AUTORESEARCH_HOME: join(await newFolder(), 'state') }));

/** A finished trial, as a training leaves it. */
function lay(state: StateDirectory, session: string, experiment: number): TrialDirectory {
  const key = { session, experiment, trial: 1 };
  const directory = trialDirectory(state.trials, key);
  mkdirSync(directory.out, { recursive: true });
  writeFileSync(join(directory.out, 'model'), 'weights');
  const spec = { id: trialId(key), command: 'true', cwd: '.', env: {}, seconds: 1, startupSeconds: 0, stallSeconds: 1 };
  writeFileSync(directory.spec, JSON.stringify(trialSpecSchema.parse({ ...spec, device: 'cpu', deviceLock: '/lock' })));
  return directory;
}

/** What has its output still, of experiments 0 to 9. */
const whole = (state: StateDirectory, session: string): number[] =>
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].filter((experiment) =>
    existsSync(join(trialDirectory(state.trials, { session, experiment, trial: 1 }).out, 'model')),
  );

async function prunerOf(state: StateDirectory, namespace: string, isSame = () => true): Promise<() => Promise<void>> {
  const connection = await connect();
  return createPruner({
    connection,
    client: new Client({ connection, namespace }),
    state,
    trials: realpathSync(state.trials),
    log: pino({ level: 'silent' }),
    server: { isSame: async () => isSame(), watch: () => {}, stop: () => {} },
  });
}

it('clears what is recorded while the session goes on, all but the best when it is over, and then asks no more', async () => {
  const state = await newState();
  const gate = new EventEmitter();
  const open = once(gate, 'open');
  onTestFinished(() => void gate.emit('open')); // or the world would wait for the training, whatever failed
  const train: Activities['train'] = async ({ experiment }) => {
    if (experiment === 5) await open;
    return TRAINED;
  };
  const { world, handle } = await startSession({ experiments: 5 }, { activities: { train } });
  const session = handle.workflowId;
  const { namespace } = world.client.options;
  for (const experiment of [0, 1, 2, 3, 4, 5]) lay(state, session, experiment);
  await until(async () => (await handle.query(statusQuery)).running?.experiment === 5);

  // Another server's word, even for a session of the same name, clears nothing.
  await (
    await prunerOf(state, namespace, () => false)
  )();
  expect(whole(state, session)).toEqual([0, 1, 2, 3, 4, 5]);

  let asked = 0;
  const prune = await prunerOf(state, namespace, () => (asked += 1) > 0);
  // 3 is the best, 5 trains; whether 4 is recorded yet is a matter of time.
  await prune();
  expect(whole(state, session).filter((experiment) => experiment !== 4)).toEqual([3, 5]);
  gate.emit('open');
  await handle.result();
  await prune();
  expect(whole(state, session)).toEqual([3]);

  await prune();
  expect(asked).toBe(2);
  lay(state, session, 9);
  await prune();
  expect(whole(state, session)).toEqual([3]);
});

it('keeps every output where that was asked for', async () => {
  const state = await newState();
  const { world, handle } = await startSession({ experiments: 3, keepOutputs: 'all' });
  for (const experiment of [0, 1, 2, 3]) lay(state, handle.workflowId, experiment);
  await handle.result();
  await (
    await prunerOf(state, world.client.options.namespace)
  )();
  expect(whole(state, handle.workflowId)).toEqual([0, 1, 2, 3]);
});

it('keeps only the best of a session that was terminated', async () => {
  const state = await newState();
  const { world, handle } = await startSession({ experiments: 50 });
  await until(async () => ((await handle.query(statusQuery)).best?.experiment ?? 0) >= 3);
  await handle.terminate();
  const best = (await handle.query(statusQuery)).best?.experiment ?? 0;
  for (const experiment of [0, 1, 2, best]) lay(state, handle.workflowId, experiment);
  await (
    await prunerOf(state, world.client.options.namespace)
  )();
  expect(whole(state, handle.workflowId)).toEqual([best]);
});

it('keeps everything of a session that nobody answers for', async () => {
  const state = await newState();
  const session = `unanswered-${randomUUID()}`;
  const client = new Client({ connection: await connect() });
  const handle = await client.workflow.start('researchSession', {
    workflowId: session,
    taskQueue: `${CONTROL_QUEUE}-nobody`,
  });
  lay(state, session, 1);
  await (
    await prunerOf(state, 'default')
  )();
  expect(whole(state, session)).toEqual([1]);
  await handle.terminate();
});

it('keeps of a session that the server has forgotten what the ledger here calls the best', async () => {
  const { state, open } = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  await open({ session: 'night', input: {}, at: AT });
  for (const experiment of [0, 1, 2]) lay(state, 'night', experiment);
  lay(state, 'stranger', 1);
  const prune = await prunerOf(state, 'default');
  await prune();
  expect(whole(state, 'night')).toEqual([0]);
  expect(whole(state, 'stranger')).toEqual([1]);
  rmSync(state.repos, { recursive: true });
  await prune();
  expect(whole(state, 'night')).toEqual([0]);
});
