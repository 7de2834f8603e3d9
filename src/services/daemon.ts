// What runs in the background: the embedded server, the control worker and the device worker. `up` starts what is
// missing, `down` ends everything; both under one lock, so that two at once are as good as one after the other.
import { accessIn, withoutKeys } from '../proposer/model/access.ts';
import { join } from 'node:path';
import { CONTROL_QUEUE } from '../domain/names.ts';
import { packageRoot, prepareStateDirectory, stateDirectory, type StateDirectory } from '../config.ts';
import { isAlive } from '../trainer/process-identity.ts';
import { startInBackground, stopProcess } from './background-process.ts';
import { codeVersion } from './code-version.ts';
import { externalServer } from './external-server.ts';
import { withLock } from './lock.ts';
import { withMarkedProcesses, withoutForeign } from './marked-processes.ts';
import {
  damagedSentence,
  readServicesFile,
  takeServicesFile,
  writeServicesFile,
  type ServiceEntry,
  type ServiceName,
} from './services-file.ts';
import { areRunByUnits, sayUnits, unitOf } from './systemd-mark.ts';
import { ensureServer, SERVER_GRACE_MS } from './temporal-server.ts';
import type { Say } from './temporal-sources.ts';
import { workflowBundle } from '../workflow-bundle.ts';

/** One background process as people see it. */
export type ServiceProcess = Pick<ServiceEntry, 'name' | 'pid' | 'startedAt' | 'log' | 'hasKey'> & {
  readonly alive: boolean;
};

/** What runs and where. Addresses are absent where they are not known: nothing was ever started, or a server of the person's. */
export type Services = {
  readonly address?: string;
  readonly uiUrl?: string;
  /** The UI's form that starts a session, filled in but for the session's id and its input. */
  readonly startUrl?: string;
  readonly httpUrl?: string;
  /** Whether the server is ours, and ends with `down`. */
  readonly embedded: boolean;
  readonly processes: readonly ServiceProcess[];
  /** What is wrong with services.json, in sentences; absent when nothing is. */
  readonly problems?: readonly string[];
};

/** What `up` and `down` may be told; every field has a default. */
export type DaemonOptions = {
  readonly say?: Say;
  readonly directory?: StateDirectory;
  /** The folder that new workers work in: the repo in it counts as allowed. */
  readonly folder?: string;
  /** The program that workers run, called with `worker control` and `worker gpu`. */
  readonly launcher?: string;
  /** Whether a watchdog is to start again what dies. */
  readonly watchdog?: boolean;
};

/** What our own program is called with. */
const PROGRAMS = {
  'control-worker': ['worker', 'control'],
  'device-worker': ['worker', 'gpu'],
  watchdog: ['watchdog'],
} as const;
/** What every session needs beside a server. */
export const WORKERS = ['control-worker', 'device-worker'] as const;
/** `off` where each worker has a container of its own: one beside the command line would train in the wrong place. */
const UP = 'AUTORESEARCH_UP';
const WORKER_GRACE_MS = 30_000; // a device worker's own limit is 20 s

/** Starts what does not run: the embedded server (unless the person has one), then both workers. Returns what runs. */
export async function up(options: DaemonOptions = {}): Promise<Services> {
  const { say = () => {}, directory = stateDirectory() } = options;
  prepareStateDirectory(directory);
  if (process.env[UP] === 'off') return await services({ directory });
  await alone(directory, say, async () => {
    let file = withMarkedProcesses(directory, withoutForeign(directory, takeServicesFile(directory, say), say));
    const external = await externalServer();
    if (areRunByUnits(file.processes, external === undefined, say)) return;
    const remember = (entry: ServiceEntry, more: object = {}): void => {
      file = { ...file, ...more, processes: [...file.processes.filter(({ name }) => name !== entry.name), entry] };
      writeServicesFile(directory, file);
    };
    // Here and not in the worker: the bundler's 100 MB would stay with a process that lives for weeks.
    const bundled = options.launcher === undefined ? workflowBundle(directory, say) : undefined;
    bundled?.catch(() => {}); // thrown below, where it is awaited
    const ensureWorkers = async (address: string): Promise<void> => {
      await bundled;
      const runs = `${codeVersion()} ${address}`;
      for (const name of options.watchdog === true ? ([...WORKERS, 'watchdog'] as const) : WORKERS) {
        const entries = file.processes.filter((entry) => entry.name === name);
        const kept = entries.find((entry) => isAlive(entry) && (entry.runs === runs || unitOf(entry) !== undefined));
        if (entries.some((entry) => entry !== kept && isAlive(entry)))
          say(`The ${name.replace('-', ' ')} runs older code or for another server; it is started again.`);
        await Promise.all(
          entries.filter((entry) => entry !== kept).map((entry) => stopProcess(entry, WORKER_GRACE_MS)),
        );
        remember(kept ?? (await startProgram(name, runs, directory, options)));
      }
    };
    if (external) return await ensureWorkers(external.address);
    // Workers load while the server comes up, and wait for it; if it moves to other ports, they are started again.
    let loading = Promise.resolve();
    const server = await ensureServer(directory, file, say, ({ entry, ports }) => {
      remember(entry, { ports });
      loading = loading.then(() => ensureWorkers(onLoopback(ports.grpc)));
      loading.catch(() => {}); // thrown below, where it is awaited
    });
    remember(server.entry, { ports: server.ports });
    await loading;
    await ensureWorkers(onLoopback(server.ports.grpc));
  });
  return await services({ directory });
}

async function startProgram(
  name: keyof typeof PROGRAMS,
  runs: string,
  directory: StateDirectory,
  options: DaemonOptions,
): Promise<ServiceEntry> {
  const { folder = process.cwd(), launcher = join(packageRoot(), 'bin', 'autoresearch.js') } = options;
  const entry = await startInBackground({
    name,
    command: process.execPath,
    parameters: [launcher, ...PROGRAMS[name]],
    environment: {
      ...(name === 'device-worker' ? withoutKeys(process.env) : process.env),
      AUTORESEARCH_HOME: directory.root,
    },
    folder,
    log: join(directory.logs, `${name}.log`),
    runs,
  });
  return name === 'control-worker' ? { ...entry, hasKey: typeof accessIn(process.env) !== 'string' } : entry;
}

/** Ends the watchdog, the workers, then the server. Trainings go on: a later `up` adopts them. Returns the names of what was ended. */
export async function down(options: Pick<DaemonOptions, 'say' | 'directory'> = {}): Promise<readonly ServiceName[]> {
  const { say = () => {}, directory = stateDirectory() } = options;
  prepareStateDirectory(directory);
  return await alone(directory, say, async () => {
    const found = withMarkedProcesses(directory, withoutForeign(directory, takeServicesFile(directory, say), say));
    const ofUnits = found.processes.filter((entry) => unitOf(entry) !== undefined);
    sayUnits(ofUnits, say);
    const file = { ...found, processes: found.processes.filter((entry) => !ofUnits.includes(entry)) };
    const ended: ServiceName[] = [];
    const end = async (entry: ServiceEntry, graceMs: number): Promise<void> => {
      const how = await stopProcess(entry, graceMs);
      if (how === 'gone') return;
      ended.push(entry.name);
      if (how === 'killed')
        say(`The ${entry.name.replace('-', ' ')} (process ${entry.pid}) did not end and was killed.`);
    };
    const called = (wanted: (name: ServiceName) => boolean) => file.processes.filter(({ name }) => wanted(name));
    const [watchdogs, servers] = [called((name) => name === 'watchdog'), called((name) => name === 'temporal-server')];
    const workers = called((name) => name !== 'watchdog' && name !== 'temporal-server');
    await Promise.all(watchdogs.map((entry) => end(entry, WORKER_GRACE_MS)));
    await Promise.all(workers.map((entry) => end(entry, WORKER_GRACE_MS)));
    await Promise.all(servers.map((entry) => end(entry, SERVER_GRACE_MS)));
    writeServicesFile(directory, { ...file, processes: ofUnits });
    return ended;
  });
}

/** What runs, with its addresses; starts, waits for and mends nothing. */
export async function services(options: Pick<DaemonOptions, 'directory'> = {}): Promise<Services> {
  const { directory = stateDirectory() } = options;
  const problems: string[] = [];
  const { file: noted, damage } = readServicesFile(directory);
  if (damage !== undefined)
    problems.push(`${damagedSentence(directory, damage)}; the next \`up\` or \`down\` mends it.`);
  const own = withoutForeign(directory, noted, (text) => problems.push(text));
  const file = own.processes.length > 0 ? own : withMarkedProcesses(directory, own);
  const external = await externalServer();
  const processes = file.processes.map((entry) => {
    const { name, pid, startedAt, log, hasKey } = entry;
    return { name, pid, alive: isAlive(entry), startedAt, log, hasKey };
  });
  const found = { processes, ...(problems.length === 0 ? {} : { problems }) };
  if (external) return { address: external.address, embedded: false, ...found };
  const { ports } = file;
  if (ports === undefined) return { embedded: true, ...found };
  const uiUrl = `http://${onLoopback(ports.ui)}`;
  const urls = { uiUrl, startUrl: startForm(uiUrl), httpUrl: `http://${onLoopback(ports.http)}` };
  return { address: onLoopback(ports.grpc), ...urls, embedded: true, ...found };
}

const startForm = (uiUrl: string): string =>
  `${uiUrl}/namespaces/default/workflows/start-workflow?taskQueue=${CONTROL_QUEUE}&workflowType=researchSession`;

const onLoopback = (port: number): string => `127.0.0.1:${port}`;

async function alone<T>(directory: StateDirectory, say: Say, action: () => Promise<T>): Promise<T> {
  const onWait = (): void => say('Another `autoresearch` is starting or ending services; waiting for it …');
  return await withLock(`${directory.services}.lock`, onWait, action);
}
