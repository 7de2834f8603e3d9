// The activities of both workers on a real repo in a state directory of their own, called as Temporal would call them.
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { afterAll } from 'vitest';
import { createCommit } from '../../activities/commit.ts';
import type { Contract, Trained, TrialKey } from '../../activities/contract.ts';
import type { Scored } from '../../src/domain/scored.ts';
import type { DeviceDeps } from '../../activities/device-home.ts';
import { createEvaluate } from '../../activities/evaluate.ts';
import { controlActivity } from '../../activities/failures.ts';
import { createOpen } from '../../activities/open.ts';
import { createPropose } from '../../activities/propose.ts';
import { createRecord } from '../../activities/record.ts';
import { createRestore } from '../../activities/restore.ts';
import { createReview } from '../../activities/review.ts';
import { createRevert } from '../../activities/revert.ts';
import { createTrain } from '../../activities/train.ts';
import { prepareStateDirectory, stateDirectory } from '../../src/config.ts';
import { homeClonePath } from '../../src/git/home-clone.ts';
import { createSpareTrees } from '../../src/git/spare-trees.ts';
import { modelsIn } from '../../src/models.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';
import { deviceLockPath } from '../../src/trainer/device.ts';
import { newFolder, newRepo, type Files } from '../git/sandbox.ts';

/** Times of the fake workflow clock. */
export const AT = '2026-11-23T20:00:00.000Z';
const HOST = 'host';

/** A task file for a training that is one shell command. */
export function taskFile(run: string, more = ''): string {
  return `name: small\neditable: [train.py]\ntrain:\n  run: ${JSON.stringify(run)}\n  seconds: 1\n  startupSeconds: 20\n  stallSeconds: 30\nmetric: { name: loss }\n${more}`;
}

const pushLater = (): void => {};
const pushNow = async (): Promise<void> => {};
const run =
  <Input, Output>(activity: (input: Input) => Promise<Output>) =>
  (input: Input) =>
    new MockActivityEnvironment().run<[Input], Output, (input: Input) => Promise<Output>>(activity, input);

/** A repo of these files, opened or not, and everything that may be called on it. */
export type Workshop = Awaited<ReturnType<typeof createWorkshop>>;

/** Makes a state directory and a repo; `train.py` has one constant. */
export async function createWorkshop(files: Files, readCode = createReadCode(() => {}), env: NodeJS.ProcessEnv = {}) {
  const repo = await newRepo({ 'train.py': 'LEARNING_RATE = 0.1\nMOMENTUM = 0.5\n', ...files });
  const state = prepareStateDirectory(stateDirectory({ AUTORESEARCH_HOME: join(await newFolder(), 'state') }));
  const models = modelsIn(state, env);
  const deps = { repos: state.repos, pushLater, pushNow, agents: models.agents };
  const device: DeviceDeps = {
    state,
    hostId: HOST,
    device: { id: 'cpu', class: 'test', env: {} },
    deviceLock: deviceLockPath(state.root, 'cpu'),
    desk: { awaitScoring: () => {}, scoring: () => () => {} },
    trees: createSpareTrees(state.spares),
    log: pino({ level: 'silent' }),
  };
  afterAll(async () => {
    for (const { directory } of liveTrials(state.trials)) await killTrial(directory);
  });
  const open = controlActivity(
    createOpen({ state, homeId: HOST, startFolder: repo, searchAttributes: [], pushLater, models }),
    state.repos,
  );
  const activities = {
    open: run(open),
    propose: run(
      controlActivity(createPropose({ repos: state.repos, publish: async () => {}, readCode, models }), state.repos),
    ),
    review: run(controlActivity(createReview({ repos: state.repos, models }), state.repos)),
    commit: run(controlActivity(createCommit(deps), state.repos)),
    revert: run(controlActivity(createRevert(deps), state.repos)),
    restore: run(controlActivity(createRestore(deps), state.repos)),
    record: run(controlActivity(createRecord(deps), state.repos)),
    train: run(createTrain(device)),
    evaluate: run(createEvaluate(device)),
  };
  const clone = homeClonePath({ repos: state.repos, origin: repo });
  const tryCommit = async (key: TrialKey): Promise<{ trained: Trained; scored: Scored | null }> => {
    const trained = await activities.train({ ...key, seconds: key.contract.task.train.seconds });
    if (trained.failure !== undefined) return { trained, scored: null };
    const { sandbox } = trained;
    return { trained, scored: await activities.evaluate({ ...key, ...(sandbox !== undefined && { sandbox }) }) };
  };
  /** Trains and scores the base commit with seed 7, as trial `trial` of the baseline. */
  const tryBase = async (contract: Contract, trial = 1): Promise<{ trained: Trained; scored: Scored | null }> => {
    const key = { contract, experiment: 0, trial, commit: contract.base, seed: 7 };
    return tryCommit(key);
  };
  return { repo, state, clone, device, tryBase, tryCommit, ...activities };
}

/** A workshop for a task of this training, opened, and its baseline's first trial. */
export async function tryTask(training: string, more = '', files: Record<string, string> = {}) {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile(training, more), ...files });
  const contract = await workshop.open({ session: 'night', input: {}, at: AT });
  return { ...workshop, contract, ...(await workshop.tryBase(contract)) };
}
