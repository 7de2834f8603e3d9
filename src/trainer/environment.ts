// What a task's commands see of the worker's environment: an allow-list, so that no key of the worker ever reaches
// code that a model wrote.

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Device } from './device.ts';
import type { TrialDirectory } from './trial-directory.ts';

/** An environment as a command gets it. */
export type Environment = Readonly<Record<string, string>>;

/** What a training's environment is made of. */
export interface TrialEnvironment {
  readonly workerEnv: NodeJS.ProcessEnv;
  /** The trial's id. */
  readonly trial: string;
  readonly seed: number;
  /** The budget that training is told; the wall clock is the supervisor's. */
  readonly seconds: number;
  readonly directory: TrialDirectory;
  readonly data: string;
  /** The prepared environment; its `bin`, when there is one, comes first in PATH. */
  readonly env: string;
  readonly device: Device;
  /** For the numeric libraries; default: what the worker's OMP_NUM_THREADS says, else all cores but one. */
  readonly threads?: number;
}

const EVERYWHERE = ['PATH', 'LANG', 'TZ', 'LD_LIBRARY_PATH'];
const PREFIXES = ['LC_', 'CUDA_', 'NVIDIA_', 'ROCR_', 'HIP_'];
// Where version managers keep what their shims in PATH start; they look under HOME, which is another for a command.
const TOOL_ROOTS = ['PYENV_ROOT', 'PYENV_VERSION', 'ASDF_DATA_DIR', 'MISE_DATA_DIR', 'CONDA_PREFIX', 'RUSTUP_HOME'];
// Preparing downloads: how this machine reaches the world. A package index's address may hold its owner's password,
// so these go to the task's own `prepare` only, which no candidate can edit.
const NETWORK = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
const NETWORK_PREFIXES = ['PIP_', 'UV_', 'SSL_CERT_', 'REQUESTS_CA_', 'CURL_CA_'];
const SECRET = /(TOKEN|SECRET|PASSWORD|CREDENTIAL|KEY)/;
const THREADS = ['OMP', 'OPENBLAS', 'MKL', 'NUMEXPR'].map((name) => `${name}_NUM_THREADS`);

const threadLimits = (threads: number): Environment =>
  Object.fromEntries([...THREADS, 'VECLIB_MAXIMUM_THREADS'].map((name) => [name, String(threads)]));

// One core stays for the worker, the server and the supervisor, so that they do not disturb the measurement.
function defaultThreads({ OMP_NUM_THREADS }: NodeJS.ProcessEnv): number {
  const asked = Number(OMP_NUM_THREADS);
  return Number.isInteger(asked) && asked > 0 ? asked : Math.max(1, availableParallelism() - 1);
}

/** The environment of one training. */
export function trialEnvironment(trial: TrialEnvironment): Environment {
  const { workerEnv, env, directory } = trial;
  const { home, tmp, out } = directory;
  return {
    ...commandEnvironment({ workerEnv, env, home, tmp }),
    ...threadLimits(trial.threads ?? defaultThreads(workerEnv)),
    ...trial.device.env,
    AUTORESEARCH_TRIAL: trial.trial,
    AUTORESEARCH_SEED: String(trial.seed),
    AUTORESEARCH_SECONDS: String(trial.seconds),
    AUTORESEARCH_OUT: out,
    AUTORESEARCH_DATA: trial.data,
  };
}

/** The allow-list alone, for a task's other commands; add what the command is told. */
export function commandEnvironment(command: {
  readonly workerEnv: NodeJS.ProcessEnv;
  /** Absent: nothing was prepared. */
  readonly env?: string;
  readonly home: string;
  readonly tmp: string;
}): Environment {
  const bin = command.env === undefined ? '' : join(command.env, 'bin');
  const { PATH = '/usr/local/bin:/usr/bin:/bin', ...allowed } = pick(
    command.workerEnv,
    (name) =>
      EVERYWHERE.includes(name) || TOOL_ROOTS.includes(name) || PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
  return {
    ...allowed,
    PATH: existsSync(bin) ? `${bin}:${PATH}` : PATH,
    HOME: command.home,
    TMPDIR: command.tmp,
    // A log that comes in blocks looks like a stall.
    PYTHONUNBUFFERED: '1',
    // What an import leaves beside its file would be a change of the data, or of what was prepared.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** What `prepare` gets from the worker beyond the allow-list: its way into the network and the person's caches. */
export function networkEnvironment(workerEnv: NodeJS.ProcessEnv): Environment {
  const { HOME, XDG_CACHE_HOME } = workerEnv;
  const cache = XDG_CACHE_HOME ?? (HOME === undefined ? undefined : join(HOME, '.cache'));
  const pipFiles = HOME === undefined ? [] : [join(HOME, '.config/pip/pip.conf'), join(HOME, '.pip/pip.conf')];
  const pipFile = pipFiles.find((path) => existsSync(path));
  return {
    ...(cache !== undefined && { XDG_CACHE_HOME: cache }),
    ...(pipFile !== undefined && { PIP_CONFIG_FILE: pipFile }),
    ...pick(
      workerEnv,
      (name) =>
        NETWORK.includes(name) || (NETWORK_PREFIXES.some((prefix) => name.startsWith(prefix)) && !SECRET.test(name)),
    ),
  };
}

function pick(from: NodeJS.ProcessEnv, wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(from).filter((entry): entry is [string, string] => entry[1] !== undefined && wanted(entry[0])),
  );
}
