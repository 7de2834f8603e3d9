import { rm } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { taskFolder } from '../src/domain/task.ts';
import { checkoutTree } from '../src/git/checkout.ts';
import { removeFolder } from '../src/trainer/data-folder.ts';
import { byteFigure, diskAt } from '../src/trainer/disk.ts';
import { trialEnvironment } from '../src/trainer/environment.ts';
import { DiskFull, hasRoom, refuseSpoiled } from '../src/trainer/full-disk.ts';
import { freshSeed } from '../src/trainer/fresh-seed.ts';
import { lastWords, logEnd } from '../src/trainer/last-words.ts';
import { createLibraryVersions } from '../src/trainer/library-versions.ts';
import { forgetIfOther, forgetIfPruned } from '../src/trainer/prune.ts';
import { allowanceHere } from '../src/trainer/allowance.ts';
import { sandboxCommand } from '../src/trainer/sandbox.ts';
import { sandboxHere } from '../src/trainer/sandbox-probe.ts';
import { trialDirectory, trialId, type TrialDirectory } from '../src/trainer/trial-directory.ts';
import type { Exit, TrialSpec } from '../src/trainer/trial-spec.ts';
import { Detached, watchTrial, type Watch } from '../src/trainer/watch.ts';
import type { Activities, Beat, Trained, TrainInput } from './contract.ts';
import { cloneForDevice, preparedFor, type DeviceDeps, type Prepared } from './device-home.ts';
import { BEAT_MS, asFailure, lastWord } from './failures.ts';
import { crashOf, factsOf } from './trial-facts.ts';
import { protectedTrouble } from './protected-files.ts';
import { trainingRequest } from './sandboxes.ts';

/** Between TERM and KILL of a training. */
const GRACE_SECONDS = 10;
/** What ends a program that writes a larger file than it may, or is said to it where it asked for an error. */
const TOO_LARGE = { signal: 'SIGXFSZ', words: 'File too large' };
/** What programs say that look for the network, or for a file that may well be there for others. */
const SHUT_OUT = /name resolution|getaddrinfo|network is unreachable|no such file or directory: '\//i;
const SANDBOX_HINT = ' (the sandbox has no network and few files: see "Isolation" in the README)';

/**
 * Trains one trial, or takes over a training that an earlier worker started, or harvests one that ended unseen. The
 * worker's own end leaves the training alone; only a cancellation kills it.
 */
export function createTrain(deps: DeviceDeps): Activities['train'] {
  const versionsIn = createLibraryVersions();
  return async (input) => {
    const context = Context.current();
    const place = { hostId: deps.hostId, device: deps.device.id };
    let beat: Beat = { ...place, phase: 'checkout' };
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
      throw asFailure(error, deps.state.trials);
    } finally {
      clearInterval(timer);
    }
  };
}

const keyOf = ({ contract, experiment, trial }: TrainInput) => ({ session: contract.session, experiment, trial });

type TrainDeps = DeviceDeps & { readonly versionsIn: ReturnType<typeof createLibraryVersions> };

async function train(deps: TrainDeps, input: TrainInput, pulse: (beat: Partial<Beat>) => void): Promise<Trained> {
  const { commit } = input;
  const signal = killOrDetach();
  const clone = await cloneForDevice(deps, input, signal);
  const prepared = await preparedFor(deps, clone, input, { say: (phase) => pulse({ phase }), signal });
  const refused = await protectedTrouble(clone, input);
  if (refused !== null) return notTrained(deps, prepared, refused);
  const directory = trialDirectory(deps.state.trials, keyOf(input));
  await forgetIfOther(directory, commit, signal);
  await forgetIfPruned(directory, signal);
  const watch: Watch = {
    directory,
    spec: specOf(deps, input, prepared),
    prepareTree: () => checkoutTree({ clone, commit, folder: directory.tree }),
    onProgress: ({ phase, step, of, value, elapsedSeconds, pid }) =>
      pulse({
        phase,
        step: step ?? undefined,
        of: of ?? undefined,
        value: value ?? undefined,
        elapsedSeconds,
        pid: pid ?? undefined,
      }),
    signal,
    say: (text) => deps.log.warn({ trial: trialId(keyOf(input)) }, text),
  };
  const libraries = deps.versionsIn(watch.spec.env);
  const exit = await trainWithRoom(deps, watch);
  if (signal.aborted && signal.reason === 'kill') throw new CancelledFailure('The training was ended.');
  // What training leaves for scoring is in `out`; a night of checkouts would fill a disk.
  await rm(directory.tree, { recursive: true, force: true });
  const log = logEnd(directory.log);
  const failure = failureOf(exit, input, log, directory);
  // Nobody scores it, and a candidate that has filled the disk must not be in the way of the next. One that was stopped
  // may be training again by now.
  if (failure !== null && exit.reason !== 'stopped' && input.contract.keepOutputs !== 'all')
    await removeFolder(directory.out).catch((error: unknown) =>
      deps.log.warn({ error: String(error) }, 'output stays'),
    );
  return {
    hostId: deps.hostId,
    device: deps.device.id,
    deviceClass: deps.device.class,
    dataHash: prepared.dataHash,
    startedAt: exit.startedAt,
    endedAt: exit.endedAt,
    seconds: exit.seconds,
    ...(input.seed === 'fresh' && { seed: freshSeed(directory) }),
    ...(failure === null ? {} : { failure, crash: crashOf(exit, log) }),
    facts: factsOf(exit, log, await libraries),
    ...(exit.sandbox !== undefined && { sandbox: exit.sandbox }),
  };
}

/** A candidate that is refused before it takes any time of the device. */
function notTrained({ hostId, device }: DeviceDeps, { dataHash }: Prepared, failure: string): Trained {
  const now = new Date().toISOString();
  const place = { hostId, device: device.id, deviceClass: device.class };
  return { ...place, dataHash, startedAt: now, endedAt: now, seconds: 0, failure };
}

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
    await deps.makeRoom();
    return once();
  }
}

/** Aborts with `kill` when somebody wants the training ended, with `detach` when only this worker or server goes. */
function killOrDetach(): AbortSignal {
  const controller = new AbortController();
  const context = Context.current();
  context.cancelled.catch(() => {
    const details = context.cancellationDetails;
    const kill = details?.cancelRequested === true || details?.reset === true;
    controller.abort(kill ? 'kill' : 'detach');
  });
  return controller.signal;
}

function specOf(deps: DeviceDeps, input: TrainInput, prepared: Prepared): TrialSpec {
  const { contract, seed, seconds } = input;
  const { train: command } = contract.task;
  const directory = trialDirectory(deps.state.trials, keyOf(input));
  const id = trialId(keyOf(input));
  const env = trialEnvironment({
    workerEnv: process.env,
    device: deps.device,
    directory,
    trial: id,
    seed: seed === 'fresh' ? freshSeed(directory) : seed,
    seconds,
    data: prepared.data,
    env: prepared.env,
  });
  const maker = sandboxHere();
  const allowance = allowanceHere(command.outputGb);
  const request = trainingRequest({ deps, key: input, prepared, directory, env });
  return {
    id,
    commit: input.commit,
    command: command.run,
    cwd: taskFolder(contract.taskPath),
    sandbox: maker.sandbox,
    shield: sandboxCommand(maker, { ...request, outputMb: allowance.outputMb }),
    allowance,
    env,
    seconds,
    startupSeconds: command.startupSeconds,
    stallSeconds: command.stallSeconds,
    graceSeconds: GRACE_SECONDS,
    device: deps.device.id,
    ...(deps.device.gpu !== undefined && { gpu: deps.device.gpu }),
    deviceLock: deps.deviceLock,
    maxLogBytes: 20_000_000,
  };
}

/** Why a training left nothing to score, in one sentence; null when it ended well. */
function failureOf(exit: Exit, input: TrainInput, log: string, { root }: TrialDirectory): string | null {
  const { seconds, contract } = input;
  const { startupSeconds, stallSeconds } = contract.task.train;
  const words = lastWords(log);
  const said = words === '' ? `its log is empty${hasRoom(diskAt(root)) ? '' : ' and the disk is full'}` : words;
  const { reason, code, signal } = exit;
  const { processes, memoryMb, outputMb } = allowanceHere(contract.task.train.outputGb);
  if (reason === 'deadline')
    return `ran longer than its ${seconds} s and ${startupSeconds} s of start-up, and was ended`;
  if (reason === 'stalled') return `printed nothing for ${stallSeconds} s and was ended: ${said}`;
  if (reason === 'stopped') return 'was stopped by a person';
  if (reason === 'processes') return `had more than ${processes} processes at once and was ended`;
  if (reason === 'memory') return `took more than ${byteFigure(memoryMb * 2 ** 20)} of memory and was ended`;
  if (reason === 'output' || signal === TOO_LARGE.signal || (code !== 0 && words.includes(TOO_LARGE.words)))
    return `wrote more than ${byteFigure(outputMb * 1e6)} and was ended; \`train.outputGb\` allows more`;
  if (code === 0) return null;
  const hint = exit.sandbox === 'bubblewrap' && SHUT_OUT.test(words) ? SANDBOX_HINT : '';
  return `${code === null ? `was ended by ${signal ?? 'a signal'}` : `exited with code ${code}`}: ${said}${hint}`;
}
