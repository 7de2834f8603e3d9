// Finds our background processes by the mark in their environment. services.json may be damaged, or its writer may have
// been killed between starting a process and writing it down; a second server on the same database must never be
// started because of that. Or it is a copy of another home's: that one's processes are neither shown nor ended. Only
// where there is a /proc; elsewhere services.json alone is believed.
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { z } from 'zod';
import type { StateDirectory } from '../config.ts';
import { identify, isAlive } from '../trainer/process-identity.ts';
import { environmentOf } from '../trainer/process-table.ts';
import { SERVICE_MARK } from './background-process.ts';
import type { Ports } from './ports.ts';
import { SERVICE_NAMES, type ServiceEntry, type ServicesFile } from './services-file.ts';
import type { Say } from './temporal-sources.ts';

/** The given file without the live processes of other homes, which are named. */
export function withoutForeign(directory: StateDirectory, file: ServicesFile, say: Say): ServicesFile {
  if (process.platform !== 'linux') return file;
  const foreign = file.processes.filter((entry) => isForeign(directory, entry.pid) && isAlive(entry));
  if (foreign.length === 0) return file;
  const named = foreign.map(({ name, pid }) => `${name} (process ${pid})`).join(', ');
  say(`${directory.services} names ${named}, of another state directory than ${directory.root}; left alone.`);
  // Where their server is, ours is not.
  const { ports, ...rest } = file;
  const theirs = foreign.some(({ name }) => name === 'temporal-server');
  const processes = file.processes.filter((entry) => !foreign.includes(entry));
  return { ...rest, ...(ports && !theirs ? { ports } : {}), processes };
}

const HOME = 'AUTORESEARCH_HOME=';

/**
 * A home that is gone was renamed while its processes ran on: they are of the one that has their file. And a process that
 * is just ending has let go of its environment before it is seen dead: nobody else's for that.
 */
function isForeign(directory: StateDirectory, pid: number): boolean {
  const environment = environmentOf(pid);
  if (environment.length > 0 && environment.every((one) => one === '')) return false;
  if (isOfHome(directory, environment)) return false;
  const home = environment.find((one) => one.startsWith(HOME))?.slice(HOME.length);
  return home === undefined || realPath(home) !== undefined;
}

/** By its real path: the same home may be named through a link. */
function isOfHome({ root }: StateDirectory, environment: readonly string[]): boolean {
  if (environment.includes(`${HOME}${root}`)) return true;
  const home = environment.find((one) => one.startsWith(HOME))?.slice(HOME.length);
  return home !== undefined && realPath(home) !== undefined && realPath(home) === realPath(root);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The given file with what truly runs from this state directory added, and the ports read off the server's command. */
export function withMarkedProcesses(directory: StateDirectory, file: ServicesFile): ServicesFile {
  const known = new Set(file.processes.map(({ pid, startTime, bootId }) => `${bootId} ${pid} ${startTime}`));
  const found = findMarked(directory).filter(
    ({ entry: { bootId, pid, startTime } }) => !known.has(`${bootId} ${pid} ${startTime}`),
  );
  // A server that could not be written down knows better than the file where it is.
  const ports = found.map((one) => portsOf(one.command)).find((some) => some !== undefined) ?? file.ports;
  return { ...file, ...(ports && { ports }), processes: [...file.processes, ...found.map(({ entry }) => entry)] };
}

type Marked = { readonly entry: ServiceEntry; readonly command: readonly string[] };

function findMarked(directory: StateDirectory): readonly Marked[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => markedProcess(directory, Number(name)) ?? []);
}

function markedProcess(directory: StateDirectory, pid: number): Marked | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (!isOfHome(directory, environment)) return undefined;
    const mark = environment.find((one) => one.startsWith(`${SERVICE_MARK}=`))?.slice(SERVICE_MARK.length + 1);
    const name = z.enum(SERVICE_NAMES).safeParse(mark);
    const identity = identify(pid);
    // Children inherit the mark; only the service itself leads a process session.
    if (!name.success || identity === undefined || !leadsSession(pid)) return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const log = readlinkSync(`/proc/${pid}/fd/1`);
    return {
      entry: { name: name.data, ...identity, startedAt: new Date().toISOString(), log, runs: 'unknown' },
      command,
    };
  } catch {
    return undefined; // somebody else's process, or one that ended while we looked
  }
}

function leadsSession(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3] === String(pid);
}

function portsOf(command: readonly string[]): Ports | undefined {
  const value = (flag: string): number => Number(command[command.indexOf(flag) + 1]);
  const ports = { grpc: value('--port'), ui: value('--ui-port'), http: value('--http-port') };
  return Object.values(ports).every((port) => Number.isInteger(port) && port > 0) ? ports : undefined;
}
