// The outside world of a session workflow, in memory: activities that obey the contract, with hooks for what a test
// wants to go wrong. The workflow, the worker and the server are real.
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type {
  Activities,
  CommitInput,
  Contract,
  EndedExperiment,
  OpenInput,
  RecordInput,
  Trained,
} from '../../activities/contract.ts';
import { CONTROL_QUEUE, DEVICE_QUEUE, homeQueue, ownDeviceQueue, tagFrom } from '../../src/domain/names.ts';
import { taskSchema } from '../../src/domain/task.ts';
import { until } from './until.ts';

/** A training that ended well at once. */
export const TRAINED: Trained = {
  hostId: 'host',
  device: 'cpu',
  deviceClass: 'test',
  dataHash: 'data',
  startedAt: '',
  endedAt: '',
  seconds: 1,
};

/** Where the world's server answers, and the bundle of workflows/index.ts. */
export interface WorldPlace {
  readonly address: string;
  readonly workflowBundlePath: string;
}

/** What a test may change: any activity; and the metric's value of a commit. */
export interface FakeWorldOptions {
  readonly value?: (commit: string, trial: number) => number;
  readonly activities?: Partial<Activities>;
  /** The worker's cache of workflows: 0 replays the whole history at every workflow task. */
  readonly maxCachedWorkflows?: number;
  /** How many trainings run at once: devices, so to speak; without limit where absent. */
  readonly trainings?: number;
}

/** A running fake world and everything that the session wrote into it. */
export interface FakeWorld {
  readonly client: Client;
  readonly calls: readonly string[];
  readonly ended: readonly EndedExperiment['record'][];
  readonly kept: readonly string[];
  readonly events: readonly RecordInput['event'][];
  readonly contract: (session: string) => Contract;
  readonly stop: () => Promise<void>;
}

const TASK = taskSchema.parse({
  name: 'fake',
  editable: ['train.py'],
  train: { run: 'true', seconds: 1 },
  metric: { name: 'loss' },
});

/** A baseline of 1.00 with a little noise; every third candidate is better. */
const defaultValue = (commit: string, trial: number): number => {
  const experiment = Number(commit.slice(1));
  if (commit === 'base') return 1 + (trial - 2) * 0.01;
  return experiment % 3 === 0 ? 1 - experiment * 0.01 : 1.1;
};

/** Starts workers for all queues of a session in this process, in a namespace of their own: queues are constants. */
export async function startFakeWorld(place: WorldPlace, options: FakeWorldOptions = {}): Promise<FakeWorld> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { address } = place;
  const calls: string[] = [];
  const ended: EndedExperiment['record'][] = [];
  const kept: string[] = [];
  const events: RecordInput['event'][] = [];
  const activities = {
    ...fakeActivities({ calls, ended, kept, events }, options.value ?? defaultValue),
    ...options.activities,
  };
  const connection = await NativeConnection.connect({ address });
  const namespace = await ownNamespace(connection);
  const create = (
    taskQueue: string,
    verbs: readonly (keyof Activities)[],
    workflows = false,
    slots?: number,
  ): Promise<Worker> =>
    Worker.create({
      connection,
      namespace,
      taskQueue,
      shutdownGraceTime: '1s',
      // In this thread: to start one takes longer than most sessions of a fake world.
      debugMode: workflows,
      // As in the product: cancellations come with heartbeats.
      maxHeartbeatThrottleInterval: '1s',
      defaultHeartbeatThrottleInterval: '1s',
      activities: Object.fromEntries(verbs.map((verb) => [verb, activities[verb]])),
      ...(slots === undefined ? {} : { maxConcurrentActivityTaskExecutions: slots }),
      ...(workflows ? { workflowBundle: { codePath: place.workflowBundlePath } } : {}),
      ...(workflows && options.maxCachedWorkflows !== undefined
        ? { maxCachedWorkflows: options.maxCachedWorkflows }
        : {}),
    });
  const workers = [
    await create(CONTROL_QUEUE, ['open'], true),
    await create(homeQueue('home'), ['propose', 'review', 'commit', 'revert', 'restore', 'record']),
    await create(DEVICE_QUEUE, ['train'], false, options.trainings),
    await create(ownDeviceQueue('host', 'cpu'), ['train', 'evaluate']),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  const clientConnection = await Connection.connect({ address });
  return {
    client: new Client({ connection: clientConnection, namespace }),
    calls,
    ended,
    kept,
    events,
    contract: contractOf,
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await clientConnection.close();
    },
  };
}

/** A fresh namespace; the server needs a moment to know it everywhere. */
export async function ownNamespace(connection: NativeConnection): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  return until(async () => {
    const queue = { name: CONTROL_QUEUE };
    const known = connection.workflowService.describeTaskQueue({ namespace, taskQueue: queue });
    return known.then(
      () => namespace,
      () => undefined,
    );
  });
}

/** The contract of a session in the fake world. */
export function contractOf(session: string): Contract {
  return {
    session,
    tag: tagFrom(session),
    homeId: 'home',
    origin: '/repo',
    task: TASK,
    taskPath: 'autoresearch.yaml',
    base: 'base',
    hash: 'hash',
    seeds: [11, 12, 13, 14, 15, 16, 17, 18],
    push: 'none',
    searchAttributes: [],
  };
}

interface Written {
  readonly calls: string[];
  readonly ended: EndedExperiment['record'][];
  readonly kept: string[];
  readonly events: RecordInput['event'][];
}

function fakeActivities(
  { calls, ended, kept, events }: Written,
  value: (commit: string, trial: number) => number,
): Activities {
  const at = new Date(0).toISOString();
  return {
    open: async ({ session }: OpenInput) => {
      calls.push('open');
      return contractOf(session);
    },
    propose: async ({ experiment, base, rebase }) => {
      calls.push(`propose ${experiment}${rebase ? ' again' : ''}`);
      return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
    },
    review: async () => {
      throw ApplicationFailure.nonRetryable('nobody reads here');
    },
    train: async ({ experiment, trial, seed }) => {
      calls.push(`train ${experiment}/${trial} seed ${seed}`);
      return { ...TRAINED, startedAt: at, endedAt: at };
    },
    evaluate: async ({ experiment, trial, commit }) => {
      calls.push(`evaluate ${experiment}/${trial}`);
      return { kind: 'value', value: value(commit, trial), metrics: {}, tier: 'B' };
    },
    commit: async ({ record, tip }: CommitInput) => {
      calls.push(`commit ${record.experiment} on ${tip}`);
      if (record.candidate === null) throw ApplicationFailure.nonRetryable('nothing to keep');
      kept.push(record.candidate);
      ended.push(record);
      return { kind: 'committed', tip: record.candidate };
    },
    revert: async ({ record }) => {
      calls.push(`revert ${record.experiment} ${record.verdict}`);
      ended.push(record);
    },
    restore: async ({ tip, target, experiment }) => {
      const restored = target ?? (experiment === 0 ? 'base' : `c${experiment}`);
      calls.push(`restore ${restored} on ${tip}`);
      return { commit: `${restored}-again`, target: restored };
    },
    record: async ({ event }) => {
      calls.push(`record ${event.kind}`);
      events.push(event);
    },
  };
}
