// What runs in the units: the server in the foreground, and what a worker does before it begins. Both write themselves
// down in services.json as `up` would, so that every command finds them; and both take the place of what `up` has
// started, because two sets of processes for one state directory would get in each other's way.
import { setTimeout as delay } from 'node:timers/promises';
import { prepareStateDirectory, stateDirectory, type StateDirectory } from '../config.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { identify, isAlive } from '../trainer/process-identity.ts';
import { stopProcess } from './background-process.ts';
import { codeVersion } from './code-version.ts';
import { down, services } from './daemon.ts';
import { externalServer } from './external-server.ts';
import { withLock } from './lock.ts';
import { withMarkedProcesses, withoutForeign } from './marked-processes.ts';
import { takeServicesFile, writeServicesFile, type ServiceEntry, type ServicesFile } from './services-file.ts';
import { UNIT_MARK, unitOf } from './systemd-mark.ts';
import { ensureServer, SERVER_GRACE_MS, type RunningServer } from './temporal-server.ts';
import type { Say } from './temporal-sources.ts';

const POLL_MS = 250; // a second start after a kill is not held up by much
const WORKER_GRACE_MS = 30_000; // a device worker's own limit is 20 s

/**
 * Runs the Temporal server of the state directory until `signal` ends both. One that runs already is taken over as it is.
 * Throws when the server ends by itself, so that whoever restarts this process restarts it.
 */
export async function runServer(options: { readonly say: Say; readonly signal: AbortSignal }): Promise<void> {
  const { say, signal } = options;
  const external = await externalServer();
  if (external !== undefined)
    throw new InvalidInput(
      `Expected no other Temporal server to be set, got ${external.address}; unset TEMPORAL_ADDRESS to run one of our own.`,
    );
  const directory = prepareStateDirectory(stateDirectory());
  await makeRoom(directory, say);
  const { entry, ports } = await alone(directory, async () => {
    let file = withMarkedProcesses(directory, withoutForeign(directory, takeServicesFile(directory, say), say));
    const remember = (server: RunningServer): void => {
      file = withEntry({ ...file, ports: server.ports }, server.entry);
      writeServicesFile(directory, file);
    };
    const server = await ensureServer(directory, file, say, remember);
    remember(server);
    await callWorkersTo(`127.0.0.1:${server.ports.grpc}`, file, say);
    return server;
  });
  say(`The Temporal server runs at 127.0.0.1:${ports.grpc}, in the browser at http://127.0.0.1:${ports.ui}.`);
  while (isAlive(entry) && !signal.aborted) await delay(POLL_MS, undefined, { signal }).catch(() => {});
  if (!signal.aborted)
    throw new Error(`Expected the Temporal server (process ${entry.pid}) to run, but it ended; read ${entry.log}.`);
  await stopProcess(entry, SERVER_GRACE_MS);
}

/** Before a worker begins: in a unit it makes room for itself, waits for the server and is written down. */
export async function enterUnit(name: 'control-worker' | 'device-worker', say: Say): Promise<void> {
  const unit = process.env[UNIT_MARK];
  if (unit === undefined) return;
  const directory = prepareStateDirectory(stateDirectory());
  await makeRoom(directory, say);
  const address = await addressOfServer(directory);
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error(`Expected process ${process.pid} to be found in /proc; mount it.`);
  const log = `journalctl --user -u ${unit}`;
  const entry = { name, ...identity, startedAt: new Date().toISOString(), log, runs: `${codeVersion()} ${address}` };
  await alone(directory, async () => writeServicesFile(directory, withEntry(takeServicesFile(directory, say), entry)));
}

/** Only a unit may do that: systemd starts it again whatever happens, and what `up` started is nobody's to start again. */
async function makeRoom(directory: StateDirectory, say: Say): Promise<void> {
  if (process.env[UNIT_MARK] === undefined) return;
  const ended = await down({ directory, say: () => {} });
  if (ended.length > 0) say(`Took the place of what \`autoresearch up\` had started: ${ended.join(', ')}.`);
}

/** Not an address from an earlier boot: somebody else's server may be there by now. */
async function addressOfServer(directory: StateDirectory): Promise<string> {
  for (;;) {
    const { address, embedded, processes } = await services({ directory });
    const runs = !embedded || processes.some(({ name, alive }) => name === 'temporal-server' && alive);
    if (address !== undefined && runs) return address;
    await delay(POLL_MS);
  }
}

/** Ends workers of units that know the server at another address: systemd starts them again, and they ask anew. */
async function callWorkersTo(address: string, file: ServicesFile, say: Say): Promise<void> {
  const isLost = ({ runs }: ServiceEntry): boolean => runs !== 'unknown' && !runs.endsWith(` ${address}`);
  const workers = file.processes.filter((entry) => entry.name !== 'temporal-server' && unitOf(entry) !== undefined);
  const lost = workers.filter(isLost);
  if (lost.length > 0) say(`The server has moved to ${address}; its workers are started again.`);
  await Promise.all(lost.map((entry) => stopProcess(entry, WORKER_GRACE_MS)));
}

const withEntry = (file: ServicesFile, entry: ServiceEntry): ServicesFile => ({
  ...file,
  processes: [...file.processes.filter(({ name }) => name !== entry.name), entry],
});

const alone = <T>(directory: StateDirectory, action: () => Promise<T>): Promise<T> =>
  withLock(`${directory.services}.lock`, () => {}, action);
