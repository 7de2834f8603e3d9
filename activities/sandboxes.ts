// What candidate code sees in each of its three places: training, prediction for a scorer, and the task's checks.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { allowanceHere } from '../src/trainer/allowance.ts';
import type { Environment } from '../src/trainer/environment.ts';
import type { SandboxRequest } from '../src/trainer/sandbox.ts';
import { readablePaths } from '../src/trainer/sandbox-tools.ts';
import type { TrialDirectory } from '../src/trainer/trial-directory.ts';
import type { TrialKey } from './contract.ts';
import type { DeviceDeps, Prepared } from './device-home.ts';

/** Where one trial's code runs, and with what. */
export interface CandidatePlace {
  readonly deps: DeviceDeps;
  readonly key: TrialKey;
  readonly prepared: Prepared;
  readonly directory: TrialDirectory;
  readonly env: Environment;
}

/** Training: the data but what is hidden, and its own folders to write in. */
export function trainingRequest(place: CandidatePlace): SandboxRequest {
  const { tree, out, home, tmp } = place.directory;
  const common = commonRequest(place);
  return { ...common, read: [...common.read, ...shownData(place.prepared)], write: [tree, out, home, tmp] };
}

/** Prediction: code and weights to read, no data at all; `checkout` is the scorer's. */
export function predictionRequest(place: CandidatePlace, checkout: string): SandboxRequest {
  const common = commonRequest(place);
  return { ...common, read: [...common.read, checkout, place.directory.out], isSmall: true };
}

/** The task's checks: as training, but what it left is not theirs to change. */
export function checksRequest(place: CandidatePlace, checkout: string): SandboxRequest {
  const { out, home, tmp } = place.directory;
  const common = commonRequest(place);
  return { ...common, read: [...common.read, ...shownData(place.prepared), out], write: [checkout, home, tmp] };
}

function commonRequest({ deps, key, prepared, env }: CandidatePlace): SandboxRequest {
  const { hidden, train } = key.contract.task;
  return {
    env,
    device: deps.device,
    state: deps.state.root,
    read: [prepared.env],
    write: [],
    hidden: hidden.map((path) => join(prepared.data, path)),
    outputMb: allowanceHere(train.outputGb).outputMb,
  };
}

/** The data folder, what `prepare` put links to in it, and what the machine's person adds. */
function shownData({ data }: Prepared): string[] {
  const links = readdirSync(data, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  return [data, ...links.map(({ name }) => join(data, name)), ...readablePaths()];
}
