import { rm } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { REFUSED } from '../src/domain/crash.ts';
import { isOfClass, otherData } from '../src/domain/measured-on.ts';
import type { Progress } from '../src/domain/progress.ts';
import { removeFolder } from '../src/trainer/data-folder.ts';
import { DiskFull, refuseSpoiled } from '../src/trainer/full-disk.ts';
import { freshSeed } from '../src/trainer/fresh-seed.ts';
import { logEnd } from '../src/trainer/last-words.ts';
import { createLibraryVersions } from '../src/trainer/library-versions.ts';
import { forgetIfOther, forgetIfPruned } from '../src/trainer/prune.ts';
import { hashOutput } from '../src/trainer/output-hash.ts';
import { sandboxHere } from '../src/trainer/sandbox-probe.ts';
import { trialDirectory, trialId, type TrialDirectory } from '../src/trainer/trial-directory.ts';
import type { Exit } from '../src/trainer/trial-spec.ts';
import { Detached, watchTrial, type Watch } from '../src/trainer/watch.ts';
import type { Activities, Trained, TrainInput } from './contract.ts';
import type { Beat } from './beat.ts';
import { cloneForDevice, keyOf, preparedFor, type DeviceDeps, type Prepared } from './device-home.ts';
import { BEAT_MS, asFailure, blocked, deviceFailure, lastWord, refusedBy } from './failures.ts';
import { dataTrouble } from './data-guard.ts';
import { killOrDetach } from './kill-or-detach.ts';
import { crashOf, factsOf } from './trial-facts.ts';
import { protectedTrouble } from './protected-files.ts';
import { trainingFailure } from './training-failure.ts';
import { trainingSpec } from './training-spec.ts';

/**
 * Trains one trial, or takes over a training that an earlier worker started, or harvests one that ended unseen. The
 * worker's own end leaves the training alone; only a cancellation kills it.
 */
export function createTrain(deps: DeviceDeps): Activities['train'] {
  const versionsIn = createLibraryVersions();
  return async (input) => {
    const context = Context.current();
    const place = { hostId: deps.hostId, device: deps.device.id };
    // Before anything else, for it may come to this device again and again.
    const deviceClass = deps.device.class;
    if (!isOfClass(input.measuredOn, deviceClass)) throw refusedBy({ ...place, deviceClass });
    let beat: Beat = { ...place, phase: 'checkout', trial: `${input.experiment}/${input.trial}` };
    const pulse = (next: Partial<Beat>): void => {
      beat = { ...beat, ...next };
      context.heartbeat(beat);
    };
    // The first, before anything starts: from now on the server knows where this trial is.
    pulse({});
    const timer = setInterval(() => pulse({}), BEAT_MS);
    try {
      const trained = await train({ ...deps, versionsIn }, input, pulse);
      // Noted before the answer leaves, so that no other training takes the device from under the scorer.
      if (trained.failure === undefined) deps.desk.awaitScoring(trialId(keyOf(input)));
      return trained;
    } catch (error) {
      if (error instanceof Detached) throw lastWord(place);
      throw deviceFailure(asFailure(error, deps.state.trials), place);
    } finally {
      clearInterval(timer);
    }
  };
}

type TrainDeps = DeviceDeps & { readonly versionsIn: ReturnType<typeof createLibraryVersions> };

async function train(deps: TrainDeps, input: TrainInput, pulse: (beat: Partial<Beat>) => void): Promise<Trained> {
  const signal = killOrDetach();
  const clone = await cloneForDevice(deps, input, signal);
  const [prepared, refused] = await Promise.all([
    preparedFor(deps, clone, input, { say: (phase) => pulse({ phase }), signal }),
    protectedTrouble(clone, input),
  ]);
  const other = otherData(input.measuredOn, placeOf(deps, prepared));
  if (other !== null) throw blocked(other);
  if (refused !== null) return notTrained(deps, prepared, refused);
  const directory = trialDirectory(deps.state.trials, keyOf(input));
  await forgetIfOther(directory, { trial: trialId(keyOf(input)), commit: input.commit }, signal);
  await forgetIfPruned(directory, signal);
  const watch = watchOf({ deps, input, clone, prepared, directory, signal, pulse });
  const libraries = deps.versionsIn(watch.spec.env);
  const exit = await trainWithRoom(deps, watch);
  if (signal.aborted && signal.reason === 'kill') throw new CancelledFailure('The training was ended.');
  // What training leaves for scoring is in `out`; a night of checkouts would fill a disk.
  await rm(directory.tree, { recursive: true, force: true });
  const log = logEnd(directory.log);
  const spoiled = exit.sandbox === 'bubblewrap' ? null : await dataTrouble(prepared, directory, input);
  const failure = trainingFailure(exit, input, log, directory) ?? spoiled;
  const { training: loss } = input.contract.task.metric;
  // Nobody scores it, and a candidate that has filled the disk must not be in the way of the next. One that was stopped
  // may be training again by now.
  if (failure !== null && exit.reason !== 'stopped' && input.contract.keepOutputs !== 'all')
    await removeFolder(directory.out).catch((error: unknown) =>
      deps.log.warn({ error: String(error) }, 'output stays'),
    );
  return {
    ...placeOf(deps, prepared),
    startedAt: exit.startedAt,
    endedAt: exit.endedAt,
    seconds: exit.seconds,
    ...(input.seed === 'fresh' && { seed: freshSeed(directory) }),
    ...(failure !== null && { failure, crash: crashOf(exit, log) }),
    facts: {
      ...factsOf(exit, log, { libraries: await libraries, loss }),
      ...(await beginning(input, failure, directory)),
    },
    ...(exit.sandbox !== undefined && { sandbox: exit.sandbox }),
  };
}

interface Watched {
  readonly deps: TrainDeps;
  readonly input: TrainInput;
  readonly clone: string;
  readonly prepared: Prepared;
  readonly directory: TrialDirectory;
  readonly signal: AbortSignal;
  readonly pulse: (beat: Partial<Beat>) => void;
}

/** The training as its supervisor is told of it. */
function watchOf({ deps, input, clone, prepared, directory, signal, pulse }: Watched): Watch {
  const { commit } = input;
  return {
    directory,
    spec: trainingSpec(deps, input, prepared),
    prepareTree: () => deps.trees.checkout({ clone, commit, folder: directory.tree }),
    onProgress: (progress) => {
      pulse(beatOf(progress));
      // While the device is busy, and only where the candidate cannot reach what the next one is trained in.
      if (progress.pid !== null && sandboxHere().sandbox === 'bubblewrap') deps.trees.fill(clone, commit);
    },
    signal,
    say: (text) => deps.log.warn({ trial: trialId(keyOf(input)) }, text),
  };
}

/** What a heartbeat says of a training. */
const beatOf = ({ phase, step, of, value, elapsedSeconds, pid }: Progress): Partial<Beat> => ({
  phase,
  step: step ?? undefined,
  of: of ?? undefined,
  value: value ?? undefined,
  elapsedSeconds,
  pid: pid ?? undefined,
});

/** What is known of a training that was only to begin: the hash of what it begins with. */
async function beginning({ seconds }: TrainInput, failure: string | null, { out }: TrialDirectory) {
  const outHash = seconds === 0 && failure === null ? await hashOutput(out) : undefined;
  return outHash === undefined ? {} : { outHash };
}

/** A candidate that is refused before it takes any time of the device. */
function notTrained(deps: DeviceDeps, prepared: Prepared, failure: string): Trained {
  const now = new Date().toISOString();
  return { ...placeOf(deps, prepared), startedAt: now, endedAt: now, seconds: 0, failure, crash: REFUSED };
}

const placeOf = ({ hostId, device }: DeviceDeps, { dataHash }: Prepared) => ({
  hostId,
  device: device.id,
  deviceClass: device.class,
  dataHash,
});

/** Watches the trial to its end; where it has no room, clears what may go and tries once more. */
async function trainWithRoom(deps: DeviceDeps, watch: Watch): Promise<Exit> {
  const once = async (): Promise<Exit> => {
    const exit = await watchTrial(watch);
    refuseSpoiled(watch.directory, exit, watch.spec.maxLogBytes);
    return exit;
  };
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof DiskFull) || deps.makeRoom === undefined) throw error;
    await Promise.all([deps.trees.clear(), deps.makeRoom()]);
    return once();
  }
}
