// Where what a trial left is scored: a checkout of its own, so that nothing the training wrote is run.
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { taskFolder } from '../src/domain/task.ts';
import { allowanceHere, type Allowance } from '../src/trainer/allowance.ts';
import { trialEnvironment, type Environment } from '../src/trainer/environment.ts';
import { freshSeed } from '../src/trainer/fresh-seed.ts';
import { runStep, stepMarker, type StepResult } from '../src/trainer/run-step.ts';
import { sandboxCommand } from '../src/trainer/sandbox.ts';
import { writeLauncher, type Launcher } from '../src/trainer/sandbox-launcher.ts';
import { sandboxHere } from '../src/trainer/sandbox-probe.ts';
import { trialDirectory, trialId, type TrialDirectory } from '../src/trainer/trial-directory.ts';
import type { EvaluateInput } from './contract.ts';
import { keyOf, type DeviceDeps, type Prepared } from './device-home.ts';
import { checksRequest, predictionRequest, type CandidatePlace } from './sandboxes.ts';

/** What is to be scored, and with what. */
export interface ScoringJob {
  readonly deps: DeviceDeps;
  readonly input: EvaluateInput;
  readonly clone: string;
  readonly prepared: Prepared;
  readonly signal: AbortSignal;
}

/** One run of a command of the task in the trial's scoring checkout. */
export interface Bench {
  readonly input: EvaluateInput;
  readonly directory: TrialDirectory;
  readonly launcher: Launcher;
  /** What the task's checks run in: they run the candidate's code. */
  readonly shield: readonly string[];
  /** What each run may take. */
  readonly allowance: Allowance;
  readonly step: (
    command: string,
    seconds: number,
    more?: { readonly env?: Environment; readonly shield?: readonly string[] },
  ) => Promise<StepResult>;
  readonly remove: () => Promise<void>;
}

/** The directory of the trial that a job is about. */
export const directoryOf = ({ deps, input }: ScoringJob): TrialDirectory =>
  trialDirectory(deps.state.trials, keyOf(input));

/** Where commands of a trial run, and with what environment; `seconds` is what a training is told. */
export function placeOf(job: ScoringJob, directory: TrialDirectory, seconds: number): CandidatePlace {
  const { deps, input, prepared } = job;
  const { seed } = input;
  const env = trialEnvironment({
    workerEnv: process.env,
    device: deps.device,
    directory,
    trial: trialId(keyOf(input)),
    seed: seed === 'fresh' ? freshSeed(directoryOf(job)) : seed,
    seconds,
    data: prepared.data,
    env: prepared.env,
  });
  return { deps, key: input, prepared, directory, env };
}

/** Checks `commit` out to score what stands in `directory`. */
export async function createBench(job: ScoringJob, directory: TrialDirectory, commit: string): Promise<Bench> {
  const { deps, input, clone, signal } = job;
  const { task, taskPath } = input.contract;
  const folder = join(directory.root, 'scoring');
  await deps.trees.checkout({ clone, commit, folder });
  const place = placeOf(job, directory, task.train.seconds);
  const cwd = join(folder, taskFolder(taskPath));
  const id = trialId(keyOf(input));
  const maker = sandboxHere();
  const marker = stepMarker({ id, cwd });
  const request = { ...predictionRequest(place, folder), marker };
  const launcher = writeLauncher(join(directory.root, 'launcher'), maker, request);
  const allowance = allowanceHere(task.train.outputGb);
  const checksWrite = { tree: folder, own: [directory.home, directory.tmp] };
  return {
    input,
    directory,
    launcher,
    shield: sandboxCommand(maker, checksRequest(place, folder)),
    allowance,
    step: (command, seconds, more) =>
      runStep({
        command,
        cwd,
        env: { ...place.env, ...more?.env },
        id,
        seconds,
        signal,
        shield: more?.shield,
        allowance,
        // A scorer is the task's own, and may write what it wants.
        written: more?.shield === undefined ? undefined : checksWrite,
      }),
    remove: async () => {
      await Promise.all([rm(folder, { recursive: true, force: true }), launcher.remove()]);
    },
  };
}
