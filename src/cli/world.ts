// Everything that a command touches of the world, in one object: the terminal, the clock, the feed, the services.
// Temporal and the services are imported when a command first needs them: help and mistakes answer at once.
import { setTimeout as delay } from 'node:timers/promises';
import type { Feed } from '../feed.ts';
import type { bootstrap, checkMachine } from '../services/bootstrap.ts';
import type { down, services, up } from '../services/daemon.ts';

/** The background services, as commands use them. */
export interface ServiceControl {
  readonly checkMachine: typeof checkMachine;
  readonly bootstrap: typeof bootstrap;
  readonly up: typeof up;
  readonly down: typeof down;
  readonly services: typeof services;
}

/** What commands need of the process that they run in. */
export interface World {
  /** Data for scripts and people: stdout. */
  readonly out: (text: string) => void;
  /** Words: stderr. */
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal that understands cursor movements. */
  readonly terminal: boolean;
  /** Colours on stdout and on stderr. */
  readonly colour: boolean;
  readonly errColour: boolean;
  /** The terminal's size now; 80 columns where there is none. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly cwd: string;
  readonly now: () => number;
  /** Ends early, without an error, when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly openFeed: () => Promise<Feed>;
  readonly serviceControl: () => Promise<ServiceControl>;
  /** Asks the person one line; null where there is nobody at a terminal. */
  readonly ask: (question: string) => Promise<string | null>;
  /** Calls `leave` at the first Ctrl-C or TERM; the answer takes that back. */
  readonly onInterrupt: (leave: () => void) => () => void;
}

/** The world as it is. */
export function realWorld(): World {
  const { stdout, stderr, env } = process;
  // A reader such as `head` may leave early: that is no error, and nothing more is written.
  stdout.on('error', ignoreClosedPipe);
  const able = env['TERM'] !== 'dumb';
  const wanted = able && (env['NO_COLOR'] ?? '') === '';
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    terminal: able && stdout.isTTY,
    colour: wanted && stdout.isTTY,
    errColour: wanted && stderr.isTTY,
    size: () => sizeOf(stdout),
    cwd: process.cwd(),
    now: () => Date.now(),
    sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => undefined),
    openFeed: async () => (await import('../feed.ts')).openFeed(),
    serviceControl: async () => ({
      ...(await import('../services/bootstrap.ts')),
      ...(await import('../services/daemon.ts')),
    }),
    ask,
    onInterrupt,
  };
}

async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function onInterrupt(leave: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, leave);
  return () => {
    for (const signal of signals) process.off(signal, leave);
  };
}

/** The size that a terminal says it has; the usual one where it says nothing, or 0, as one does that nobody looks at. */
export function sizeOf({ columns = 0, rows = 0 }: { readonly columns?: number; readonly rows?: number }): {
  readonly columns: number;
  readonly rows: number;
} {
  return { columns: columns > 0 ? columns : DEFAULT_COLUMNS, rows: rows > 0 ? rows : DEFAULT_ROWS };
}
