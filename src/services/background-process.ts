// Starts and stops processes that go on when this one ends. Each leads a process session of its own and carries a mark
// in its environment, so that it is found again even when it could not be written down (marked-processes.ts).
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '../trainer/process-identity.ts';
import type { ServiceEntry, ServiceName } from './services-file.ts';

/** The environment variable that marks a background process of ours with its name. */
export const SERVICE_MARK = 'AUTORESEARCH_SERVICE';

const LOG_LIMIT_BYTES = 20_000_000; // then the log of the run before is kept as <log>.1 and this one starts anew
const POLL_MS = 25;

/** What to start in the background. */
export type BackgroundCommand = {
  readonly name: ServiceName;
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** The file that its output is added to. */
  readonly log: string;
  readonly runs: string;
};

/** Starts a detached process with its output in its log, and returns what services.json is to remember. */
export async function startInBackground(what: BackgroundCommand): Promise<ServiceEntry> {
  const log = openLog(what.log);
  try {
    const child = spawn(what.command, what.parameters, {
      cwd: what.folder,
      env: { ...what.environment, [SERVICE_MARK]: what.name },
      detached: true,
      stdio: ['ignore', log, log],
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined)
      throw new Error(`Expected ${what.name} to run, got an immediate end; read ${what.log}.`);
    return { name: what.name, ...identity, startedAt: new Date().toISOString(), log: what.log, runs: what.runs };
  } finally {
    closeSync(log);
  }
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** Asks a process to end and, after the grace, kills it with its group. A pid that is somebody else's by now is left alone. */
export async function stopProcess(identity: ProcessIdentity, graceMs: number): Promise<'gone' | 'ended' | 'killed'> {
  if (!signal(identity, identity.pid, 'SIGTERM')) return 'gone';
  if (await hasEnded(identity, graceMs)) return 'ended';
  // Detached trainings lead process sessions of their own, so they are not in this group.
  signal(identity, -identity.pid, 'SIGKILL');
  await hasEnded(identity, graceMs);
  return 'killed';
}

async function hasEnded(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

function signal(identity: ProcessIdentity, target: number, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(target, name);
    return true;
  } catch {
    return false; // it ended in between
  }
}
