// The embedded Temporal dev server: one per state directory, on ports that it keeps, with its database there.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StateDirectory } from '../config.ts';
import { isAlive } from '../trainer/process-identity.ts';
import { startInBackground, stopProcess } from './background-process.ts';
import { choosePorts, isFree, type Ports } from './ports.ts';
import type { ServiceEntry, ServicesFile } from './services-file.ts';
import { UNIT_MARK } from './systemd-mark.ts';
import { getTemporalBinary } from './temporal-binary.ts';
import { TEMPORAL_CLI_VERSION } from './temporal-release.ts';
import type { Say } from './temporal-sources.ts';

const READY_LIMIT_MS = 60_000; // 0.6 s on an idle machine; a busy one is given time before the server is called broken
const ANSWER_LIMIT_MS = 15_000; // a live server of ours that is silent for so long is started again
const ASK_LIMIT_MS = 2_000;
const POLL_MS = 50;
const SIDESTEP_MS = 1_000; // two that met once do not meet again
const STARTS_TO_TRY = 3; // another program may take a port between our look and the server's start

/** How long a server is given to end by itself; its database survives a kill. */
export const SERVER_GRACE_MS = 10_000;

/** A server that answers, and where. */
export type RunningServer = { readonly entry: ServiceEntry; readonly ports: Ports };

/**
 * The embedded server: the one that runs when it answers, else a new one on the remembered ports or the next free ones.
 * `remember` is called as soon as it is started, before it is known to answer. The caller holds the services' lock.
 */
export async function ensureServer(
  directory: StateDirectory,
  file: ServicesFile,
  say: Say,
  remember: (server: RunningServer) => void,
): Promise<RunningServer> {
  for (const entry of file.processes.filter(({ name }) => name === 'temporal-server')) {
    const isCurrent = entry.runs === TEMPORAL_CLI_VERSION || entry.runs === 'unknown'; // found by its mark
    if (isCurrent && file.ports && (await answers(file.ports, entry, ANSWER_LIMIT_MS)))
      return { entry, ports: file.ports };
    if (isAlive(entry))
      say(`The Temporal server (process ${entry.pid}) does not answer or is another version; it is started again.`);
    await stopProcess(entry, SERVER_GRACE_MS);
  }
  sayOtherDatabases(directory, say);
  const binary = await getTemporalBinary({ say, directory });
  let remembered = file.ports;
  for (let k = 0; k < STARTS_TO_TRY; k += 1) {
    const ports = await choosePorts(remembered);
    if (remembered && remembered.grpc !== ports.grpc)
      say(
        `Another program has taken port ${remembered.grpc} or ${remembered.ui}; the Temporal server moves to ${ports.grpc} and ${ports.ui}.`,
      );
    say(`Starting the Temporal server on port ${ports.grpc}, its page on ${ports.ui} …`);
    const server = await start(directory, binary, ports);
    remember(server);
    if (await answers(ports, server.entry, READY_LIMIT_MS)) return server;
    // One that ended at once mostly met another that started at the same moment: each may have taken a port of the other,
    // both end, and then all ports are free again. One that lives and is silent is not helped by other ports.
    const isSilent = isAlive(server.entry);
    await stopProcess(server.entry, SERVER_GRACE_MS);
    if (isSilent && (await isFree(ports.grpc)) && (await isFree(ports.ui)) && (await isFree(ports.http))) break;
    remembered = undefined;
    await delay(Math.random() * SIDESTEP_MS);
  }
  const log = join(directory.logs, LOG_NAME);
  throw new Error(
    `Expected the Temporal server to answer, got this in ${log}:\n${lastLines(log)}\nMend that and start again, or set TEMPORAL_ADDRESS.`,
  );
}

const LOG_NAME = 'server.log';

const databaseOf = (version: string): string => `temporal-${version}.db`;

/** A server of another version may not understand a database: it gets one of its own, and nothing is thrown away. */
function sayOtherDatabases({ server }: StateDirectory, say: Say): void {
  if (existsSync(join(server, databaseOf(TEMPORAL_CLI_VERSION)))) return;
  const others = readdirSync(server).filter((name) => /^temporal-.+\.db$/.test(name));
  if (others.length === 0) return;
  say(
    `The Temporal server ${TEMPORAL_CLI_VERSION} begins with an empty database: ${others.join(', ')} in ${server} is of another version, and stays there. Sessions that were open in it go on with \`npx autoresearch start --continue-from <session>\`; \`list\` shows them.`,
  );
}

async function start(directory: StateDirectory, binary: string, ports: Ports): Promise<RunningServer> {
  const entry = await startInBackground({
    name: 'temporal-server',
    command: binary,
    parameters: parameters(directory, ports),
    // Nothing of the person's: no key, no TEMPORAL_* setting, no Temporal profile from their home.
    // But the mark of a unit that runs it, so that `down` knows whose it is.
    environment: {
      PATH: process.env['PATH'],
      HOME: directory.server,
      AUTORESEARCH_HOME: directory.root,
      [UNIT_MARK]: process.env[UNIT_MARK],
    },
    folder: directory.server,
    log: join(directory.logs, LOG_NAME),
    runs: TEMPORAL_CLI_VERSION,
  });
  return { entry, ports };
}

/** What the server's dynamic configuration must have, `key=value`; the servers of docker-compose.yml have the same. */
export const SERVER_SETTINGS = [
  'system.enableActivityEagerExecution=true', // no dispatch for activities on the workflow's own queue
  'matching.enableFairness=true', // sessions share devices
  // Turns are taken within a partition of a queue: with the four of the default, they are taken only about. What an
  // older server wrote into the other three is still read.
  'matching.numTaskqueueWritePartitions=1',
  // How often a second it looks for tasks to hand out: by default 20 times, so that each one waited for 40 ms.
  'history.transferProcessorMaxPollRPS=1000',
] as const;

function parameters(directory: StateDirectory, ports: Ports): readonly string[] {
  const flags = {
    '--ip': '127.0.0.1',
    '--log-level': 'error',
    '--db-filename': join(directory.server, databaseOf(TEMPORAL_CLI_VERSION)),
    '--port': String(ports.grpc),
    '--ui-port': String(ports.ui),
    '--http-port': String(ports.http),
  };
  const dynamic = SERVER_SETTINGS.flatMap((setting) => ['--dynamic-config-value', setting]);
  return ['server', 'start-dev', ...Object.entries(flags).flat(), ...dynamic];
}

/** Whether that very process lives and its default namespace answers, within the limit. */
async function answers(ports: Ports, entry: ServiceEntry, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isAlive(entry)) {
    if (await isHealthy(ports)) return true;
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return false;
}

/** Whether a server answers on these ports now. */
export async function isHealthy(ports: Ports): Promise<boolean> {
  try {
    const url = `http://127.0.0.1:${ports.http}/api/v1/namespaces/default`;
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_LIMIT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // refused, reset or silent: all of them mean "not yet"
  }
}

const TAIL_BYTES = 1_500;

function lastLines(log: string): string {
  if (statSync(log, { throwIfNoEntry: false }) === undefined) return '(nothing)';
  return readFileSync(log).subarray(-TAIL_BYTES).toString('utf8').trim();
}
