// A person's command line as a process: started by bash in a group and process session of its own, ended with all
// that it started.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { listProcesses, send, type LiveProcess } from './process-table.ts';

/** How a command's own process ended. */
interface CommandEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** The signal came from within the shield, where only the command itself and the kernel are. */
  readonly isOwnSignal?: true;
  /** Why it could not be started at all; `code` is then 127, as in a shell. */
  readonly trouble?: string;
}

/** A started command. */
export interface Command {
  /** Also its group and its process session; undefined when it could not be started. */
  readonly pid: number | undefined;
  readonly end: Promise<CommandEnd>;
}

const COULD_NOT_START = 127;
const POLL_MS = 50;

/** Starts `bash -c <line>` with exactly this environment; input and output are the descriptors given. */
export function startCommand(
  line: string,
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    /** Absent: no input. */
    readonly stdin?: number | undefined;
    readonly stdout: number;
    readonly stderr: number;
    /** A program and its arguments that run the shell. */
    readonly shield?: readonly string[];
  },
): Command {
  const { cwd, env, stdin = 'ignore', stdout, stderr, shield = [] } = options;
  const [program, ...parameters] = [...shield, 'bash', '-c', line];
  const child = spawn(program, parameters, { cwd, env, detached: true, stdio: [stdin, stdout, stderr] });
  const end = new Promise<CommandEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve(shield.length > 0 ? endBehind(code, signal) : { code, signal }));
    child.once('error', ({ message }) => resolve({ code: COULD_NOT_START, signal: null, trouble: message }));
  });
  return { pid: child.pid, end };
}

/** A shield that outlives the shell says with its own code which signal ended it: 128 and the signal's number. */
function endBehind(code: number | null, signal: NodeJS.Signals | null): CommandEnd {
  const name = Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
  return name === undefined ? { code, signal } : { code: null, signal: name, isOwnSignal: true };
}

/**
 * TERM to the group, patience, KILL; without patience KILL at once. What left the group lives on: see `belongingTo`.
 * A shield is spared the TERM: it would end first, and take with it what the command still wants to save.
 */
export async function endGroup(group: number, graceSeconds: number, isShielded: boolean): Promise<void> {
  const members = (): LiveProcess[] => listProcesses().filter((found) => found.group === group);
  if (graceSeconds > 0) {
    if (isShielded) for (const { pid } of members().filter((one) => one.pid !== group)) send(pid, 'SIGTERM');
    else send(-group, 'SIGTERM');
    const until = performance.now() + graceSeconds * 1000;
    while (performance.now() < until && members().length > 0) await sleep(POLL_MS);
  }
  send(-group, 'SIGKILL');
}

/** Tells the processes that a command started from all others: by group, process session or environment. */
export function belongingTo(pid: number, markers: readonly string[]): (found: LiveProcess) => boolean {
  return (found) => found.group === pid || found.processSession === pid || found.carries(markers);
}
