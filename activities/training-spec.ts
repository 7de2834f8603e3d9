import { taskFolder } from '../src/domain/task.ts';
import { allowanceHere } from '../src/trainer/allowance.ts';
import { trialEnvironment } from '../src/trainer/environment.ts';
import { freshSeed } from '../src/trainer/fresh-seed.ts';
import { sandboxCommand } from '../src/trainer/sandbox.ts';
import { sandboxHere } from '../src/trainer/sandbox-probe.ts';
import { trialDirectory, trialId } from '../src/trainer/trial-directory.ts';
import type { TrialSpec } from '../src/trainer/trial-spec.ts';
import type { TrainInput } from './contract.ts';
import { keyOf, type DeviceDeps, type Prepared } from './device-home.ts';
import { trainingRequest } from './sandboxes.ts';

/** A program that is only started may take this long for it: nothing can be won by that. */
const START_SECONDS = 10;
/** Between TERM and KILL of a training. */
const GRACE_SECONDS = 10;

/** What the supervisor of a training is ordered to do. */
export function trainingSpec(deps: DeviceDeps, input: TrainInput, prepared: Prepared): TrialSpec {
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
  const request = trainingRequest({ deps, key: input, prepared, directory, env });
  return {
    id,
    commit: input.commit,
    command: command.run,
    cwd: taskFolder(contract.taskPath),
    sandbox: maker.sandbox,
    shield: sandboxCommand(maker, request),
    allowance: allowanceHere(command.outputGb),
    env,
    inherit: [],
    seconds,
    startupSeconds: seconds === 0 ? Math.max(command.startupSeconds, START_SECONDS) : command.startupSeconds,
    stallSeconds: command.stallSeconds,
    graceSeconds: GRACE_SECONDS,
    device: deps.device.id,
    ...(deps.device.gpu !== undefined && { gpu: deps.device.gpu }),
    deviceLock: deps.deviceLock,
    maxLogBytes: 20_000_000,
  };
}
