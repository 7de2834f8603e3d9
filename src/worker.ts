// The two kinds of worker processes: `control` (workflows, git) and `gpu` (one device each). The one place that knows
// Temporal's workers and our tools at once.
import { DefaultLogger, Runtime, Worker, type NativeConnection } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import { createCommit } from '../activities/commit.ts';
import { controlActivity, lastWord } from '../activities/failures.ts';
import { createEvaluate } from '../activities/evaluate.ts';
import { createOpen } from '../activities/open.ts';
import { createPropose, type ProposeDeps } from '../activities/propose.ts';
import { createPusher } from '../activities/push.ts';
import { createRecord } from '../activities/record.ts';
import { createRestore } from '../activities/restore.ts';
import { createReview } from '../activities/review.ts';
import { createRevert } from '../activities/revert.ts';
import { createTrain } from '../activities/train.ts';
import { devicesWanted, homeId, hostLostSeconds, prepareStateDirectory, type StateDirectory } from './config.ts';
import { connectWorker } from './connect-worker.ts';
import { createDeviceSlots } from './device-slots.ts';
import { CONTROL_QUEUE, DEVICE_QUEUE, homeQueue, ownDeviceQueue } from './domain/names.ts';
import { createSpareTrees, type SpareTrees } from './git/spare-trees.ts';
import { isPathOrigin } from './git/user-repo.ts';
import { modelsIn } from './models.ts';
import { createReadCode } from './proposer/gate/read-code.ts';
import { releaseOrphans } from './orphans.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { services } from './services/daemon.ts';
import { temporalProfile } from './services/temporal-profile.ts';
import { rememberServer, type ServerIdentity } from './server-identity.ts';
import { sweepAgentsForever, sweepForever } from './sweeper.ts';
import { deviceLockPath, findDevices } from './trainer/device.ts';
import { sandboxHere } from './trainer/sandbox-probe.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** After a crash of the control worker its successor waits this long for the dead one's sticky queue, not 10 s. */
const STICKY_TIMEOUT = '1s';
/** Cancellations reach a training with its heartbeats: this is how long they wait at most. */
const HEARTBEAT_THROTTLE = '1s';
/** A device worker that ends waits for no training: they go on without it. */
const SHUTDOWN_GRACE = '2s';
const SHUTDOWN_FORCE = '20s';
/** A device's own queue holds adopted trainings and scoring, each waiting for the device's lock where it matters. */
const OWN_QUEUE_SLOTS = 8;

interface Site {
  readonly connection: NativeConnection;
  /** Another one: the workers of one connection must not share a queue. */
  readonly connectAgain: () => Promise<NativeConnection>;
  readonly namespace: string;
  readonly server: ServerIdentity;
  readonly state: StateDirectory;
  readonly id: string;
  readonly log: Logger;
}

/** Runs the workflows and git verbs of this machine's home clones until a signal ends it. */
export async function runControlWorker(startFolder = process.cwd()): Promise<void> {
  const site = await enter('control');
  const { connection, namespace, state, id, log } = site;
  const pusher = createPusher((text) => log.warn(text));
  const verb = <Input, Output>(activity: (input: Input) => Promise<Output>) => controlActivity(activity, state.repos);
  const readCode = createReadCode((text) => log.warn(text));
  const models = modelsIn(state);
  const deps = { ...pusher, repos: state.repos, agents: models.agents };
  const open = createOpen({
    state,
    homeId: id,
    startFolder,
    searchAttributes: await registerSearchAttributes(connection, namespace),
    hostLostSeconds: hostLostSeconds(),
    models,
    pushLater: pusher.pushLater,
  });
  const shutdown = { shutdownGraceTime: SHUTDOWN_GRACE, shutdownForceTime: SHUTDOWN_FORCE } as const;
  const options = { connection, namespace, identity: `control@${id}`, ...shutdown };
  await releaseOrphans({ ...options, log }, lastWord());
  const workers = await Promise.all([
    Worker.create({
      ...options,
      taskQueue: CONTROL_QUEUE,
      workflowBundle: { codePath: await workflowBundle(state) },
      activities: { open: verb(open) },
      stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    }),
    Worker.create({
      ...options,
      taskQueue: homeQueue(id),
      activities: {
        propose: verb(createPropose({ repos: state.repos, publish: publishWith(pusher), readCode, models })),
        review: verb(createReview({ repos: state.repos, models })),
        commit: verb(createCommit(deps)),
        revert: verb(createRevert(deps)),
        restore: verb(createRestore(deps)),
        record: verb(createRecord(deps)),
      },
    }),
  ]);
  sweepAgentsForever(site);
  log.info({ homeId: id }, 'control worker ready');
  pusher.pushLeft(state.repos);
  await runAll(site, workers);
  pusher.stop();
  await connection.close();
}

/**
 * A device worker of another state directory can only fetch what the origin has; one of this reads the home clone. To a
 * path (of this machine, or of a disk that several share) the push is short: nobody waits for it here, and a device that
 * does need it waits there.
 */
const publishWith =
  (pusher: ReturnType<typeof createPusher>): ProposeDeps['publish'] =>
  async (clone, { contract }) => {
    if (!isPathOrigin(contract.origin)) await pusher.pushNow(clone, contract);
    else if (contract.push === 'all') pusher.pushLater(clone, contract);
  };

/** Runs trainings and scoring on every device of this machine until a signal ends it; trainings go on without it. */
export async function runDeviceWorker(): Promise<void> {
  const site = await enter('gpu');
  const { connection, namespace, state, id, log } = site;
  const devices = await findDevices({ override: devicesWanted() });
  const held: { readonly trees: SpareTrees; readonly own: NativeConnection }[] = [];
  const sweeper = sweepForever({ connection, namespace, state, log, server: site.server, hostId: id });
  const workers = await Promise.all(
    devices.map(async (device) => {
      const deviceLock = deviceLockPath(state.root, device.id);
      const { desk, supplier } = createDeviceSlots(deviceLock);
      const trees = createSpareTrees(state.spares);
      const deps = { state, hostId: id, device, deviceLock, desk, trees, log, makeRoom: sweeper.makeRoom };
      const own = await site.connectAgain();
      held.push({ trees, own });
      const options = {
        connection: own,
        namespace,
        identity: `${device.id}@${id}`,
        maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
        defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
        shutdownGraceTime: SHUTDOWN_GRACE,
        shutdownForceTime: SHUTDOWN_FORCE,
      } as const;
      const last = lastWord({ hostId: id, device: device.id });
      await releaseOrphans({ connection: own, namespace, identity: options.identity, log }, last);
      const train = createTrain(deps);
      const fixed = { type: 'fixed-size', numSlots: 1 } as const;
      const tuner = {
        workflowTaskSlotSupplier: fixed,
        activityTaskSlotSupplier: supplier,
        localActivityTaskSlotSupplier: fixed,
        nexusTaskSlotSupplier: fixed,
      };
      log.info({ device, sandbox: sandboxHere().sandbox }, 'device worker ready');
      return Promise.all([
        Worker.create({ ...options, taskQueue: DEVICE_QUEUE, activities: { train }, tuner }),
        Worker.create({
          ...options,
          taskQueue: ownDeviceQueue(id, device.id),
          activities: { train, evaluate: createEvaluate(deps) },
          maxConcurrentActivityTaskExecutions: OWN_QUEUE_SLOTS,
        }),
      ]);
    }),
  );
  await runAll(site, workers.flat());
  sweeper.stop();
  await Promise.all(held.map(({ trees }) => trees.end()));
  await Promise.all([connection, ...held.map(({ own }) => own)].map((one) => one.close()));
}

/** Runs until a signal ends the workers, or until another server answers in place of theirs. */
async function runAll({ server, log }: Site, workers: readonly Worker[]): Promise<void> {
  server.watch(() => {
    log.error(
      'another Temporal server answers at this address: this worker ends; `npx autoresearch up` starts it again',
    );
    for (const worker of workers) worker.shutdown();
  });
  await Promise.all(workers.map((worker) => worker.run()));
  server.stop();
}

async function enter(name: string): Promise<Site> {
  const log = pino({ name, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      log[level === 'ERROR' ? 'error' : 'warn'](meta ?? {}, message),
    ),
    telemetryOptions: { logging: { filter: 'WARN', forward: {} } },
  });
  const state = prepareStateDirectory();
  const config = await temporalProfile();
  const address = config.connectionOptions.address ?? (await services()).address ?? '127.0.0.1:7233';
  const connectAgain = (): Promise<NativeConnection> =>
    connectWorker({ options: { ...config.connectionOptions, address }, say: (text) => log.warn(text) });
  const connection = await connectAgain();
  const namespace = config.namespace ?? 'default';
  const server = await rememberServer(connection, namespace);
  return { connection, connectAgain, namespace, server, state, id: homeId(state), log };
}
