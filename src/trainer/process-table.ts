// Finds processes by what nobody can take from them by forking: the environment they were started with, their process
// group, their process session. Linux only; elsewhere it finds nothing and killing is left to process groups.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A live process, never a zombie. */
export interface LiveProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** The process session (setsid), which has nothing to do with a research session. */
  readonly processSession: number;
  /** Whether the environment it was started with has all these `KEY=value` entries. */
  readonly carries: (markers: readonly string[]) => boolean;
}

/** Every process that we may look at, but not ourselves. */
export function listProcesses(): LiveProcess[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.map((pid) => findProcess(Number(pid))).filter((found) => found !== undefined);
}

/** The pids above a process, its parent first; as far as they live. */
export function ancestorsOf(pid: number): number[] {
  const parent = findProcess(pid)?.parent;
  return parent === undefined || parent <= 1 ? [] : [parent, ...ancestorsOf(parent)];
}

/** The environment entries of a process, as it was started; empty when it is gone or not ours to read. */
export function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // gone, a zombie, or of another user: not one that we started
  }
}

// A process in an uninterruptible system call does not die; we do not wait for it for ever.
const GIVE_UP_SECONDS = 10;
// Helpers of a training (loader processes) end by themselves right after it; killing those is nothing to report.
const SETTLE_MS = 100;
const ROUND_MS = 20;

/**
 * Kills every process that `matches`, again and again, until none is left.
 * @returns how many there were after a moment's patience.
 */
export async function killAll(matches: (candidate: LiveProcess) => boolean, settleMs = SETTLE_MS): Promise<number> {
  const started = performance.now();
  const killed = new Set<number>();
  for (;;) {
    const found = listProcesses().filter(matches);
    const elapsed = performance.now() - started;
    if (found.length === 0 || elapsed > GIVE_UP_SECONDS * 1000) return killed.size;
    if (elapsed >= settleMs) {
      for (const { pid } of found) {
        send(pid, 'SIGKILL');
        killed.add(pid);
      }
    }
    await sleep(ROUND_MS);
  }
}

/** Sends a signal; a process that is gone is no error. A negative number means a process group. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it ended by itself; EPERM: it became another user's, which we cannot help
  }
}

/** A live process by its number; undefined when there is none. */
export function findProcess(pid: number): LiveProcess | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const [state, parent, group, processSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || state === 'Z' || state === 'X') return undefined;
  const carries = (markers: readonly string[]): boolean => {
    const entries = environmentOf(pid);
    return markers.length > 0 && markers.every((marker) => entries.includes(marker));
  };
  return { pid, parent: Number(parent), group: Number(group), processSession: Number(processSession), carries };
}
