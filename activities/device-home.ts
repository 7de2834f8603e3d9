import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import { packageRoot, type StateDirectory } from '../src/config.ts';
import { candidateRef } from '../src/domain/names.ts';
import { moduleAdvice } from '../src/domain/missing-module.ts';
import { MEND } from '../src/domain/sentence.ts';
import { editablePaths, inRepo, taskFolder, type Task } from '../src/domain/task.ts';
import { checkoutTree } from '../src/git/checkout.ts';
import { commitOf, homeClonePath, openHomeClone } from '../src/git/home-clone.ts';
import { NONE_ON_PATH, UV, lacking } from '../src/machine.ts';
import type { SpareTrees } from '../src/git/spare-trees.ts';
import { listFiles } from '../src/git/tree.ts';
import type { Device } from '../src/trainer/device.ts';
import { overlapIn, overlapProblem } from '../src/trainer/data-overlap.ts';
import { PrepareFailed, ensurePrepared, type PreparedEnvironment } from '../src/trainer/environment-store.ts';
import { hiddenProblem } from '../src/trainer/hidden-data.ts';
import { Detached } from '../src/trainer/watch.ts';
import type { TrialKey } from './contract.ts';
import { blocked } from './failures.ts';

/** What `train` and `evaluate` need of their device worker. */
export interface DeviceDeps {
  readonly state: StateDirectory;
  /** The state directory's id: on a machine that also opens sessions it equals their `homeId`. */
  readonly hostId: string;
  readonly device: Device;
  readonly deviceLock: string;
  readonly desk: DeviceDesk;
  readonly trees: SpareTrees;
  readonly log: Logger;
  /** Clears what no session needs any more, now: called when a training finds no room. */
  readonly makeRoom?: () => Promise<void>;
}

/** Which trial's folder a request means. */
export const keyOf = ({ contract, experiment, trial }: TrialKey) => ({
  session: contract.session,
  experiment,
  trial,
});

/** Who has the device next: a trial that has just trained keeps it until it is scored. */
export interface DeviceDesk {
  readonly awaitScoring: (trial: string) => void;
  /** Scoring has begun; call the answer when it is over. */
  readonly scoring: (trial: string) => () => void;
}

/** The prepared environment and data of a task. */
export type Prepared = PreparedEnvironment;

/** A push to a path is in the background; it takes a moment, or this when the origin is slow. */
const ARRIVAL_MS = 60_000;
const ARRIVAL_POLL_MS = 500;

/**
 * A git directory that has the trial's commit: the home clone itself, or one of this host's own, which waits a while for
 * a candidate that is on its way to the origin. Throws `Blocked`; when `signal` aborts, `CancelledFailure` or `Detached`.
 */
export async function cloneForDevice(deps: DeviceDeps, key: TrialKey, signal: AbortSignal): Promise<string> {
  const { contract, experiment, commit } = key;
  const input = { repos: deps.state.repos, origin: contract.origin };
  if (contract.homeId === deps.hostId) return homeClonePath(input);
  const ref = candidateRef(contract.tag, experiment);
  const until = performance.now() + (contract.push === 'all' ? ARRIVAL_MS : 0);
  for (;;) {
    const clone = await openHomeClone({ ...input, candidate: ref });
    if ((await commitOf(clone, commit)) !== undefined) return clone;
    if (performance.now() > until) break;
    await sleep(ARRIVAL_POLL_MS, undefined, { signal }).catch(() => undefined); // looked at next
    if (signal.aborted && signal.reason === 'detach') throw new Detached('The candidate was waited for.');
    if (signal.aborted) throw new CancelledFailure('The candidate was waited for.');
  }
  throw blocked(
    `Host ${deps.hostId} cannot get ${commit.slice(0, 7)} (${ref}) from ${contract.origin}: let both hosts reach one origin, and push \`all\`; then resume.`,
  );
}

/** Prepares the task's environment and data once per machine and content of the inputs. */
export async function preparedFor(
  deps: DeviceDeps,
  clone: string,
  { contract }: TrialKey,
  watch: { readonly say: (text: string) => void; readonly signal?: AbortSignal },
): Promise<Prepared> {
  const { task, taskPath } = contract;
  const named = (task.prepare?.inputs ?? []).map((path) => inRepo(taskPath, path));
  // Protected files, so the same at every candidate; but what runs is what stands at the base. Without any named, all
  // that is not editable counts: two repos with one command must not share an environment.
  const editable = editablePaths(contract);
  const entries = task.prepare === undefined ? [] : await listFiles(clone, contract.base, named);
  const inputs = entries.filter(({ path }) => !editable.includes(path));
  const prepared = await ensurePrepared({
    envsRoot: deps.state.envs,
    prepare: task.prepare,
    inputs: inputs.map(({ path, object }) => `${object} ${path}`),
    cwd: taskFolder(taskPath),
    checkout: (folder) => checkoutTree({ clone, commit: contract.base, folder }),
    packageRoot: packageRoot(),
    ...watch,
  }).catch((error: unknown) => throwBlocked(error, task));
  if (task.hidden.length === 0) return prepared;
  const problem =
    (await hiddenProblem(prepared.data, task.hidden)) ??
    overlapProblem(await overlapIn(prepared.root, prepared.data, task.hidden));
  if (problem !== null) throw blocked(`${problem} ${MEND}`);
  return prepared;
}

/** How a shell says that there is no uv. */
const NO_UV = /\buv: (command )?not found$/m;

/** A preparation that fails is for a person to mend. */
function throwBlocked(error: unknown, task: Task): never {
  if (!(error instanceof PrepareFailed)) throw error;
  const advice = moduleAdvice(error.message, task);
  const sentences = [
    error.message,
    ...(advice === null ? [] : [`The module is missing: ${advice}.`]),
    ...(NO_UV.test(error.message) ? [lacking(UV, NONE_ON_PATH)] : []),
    MEND,
  ];
  throw blocked(sentences.join(' '), error);
}
