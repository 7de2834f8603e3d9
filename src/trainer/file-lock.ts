// Locks that end with their holder: flock(1) locks a descriptor of ours, and Node opens descriptors so that no child
// inherits them. A lock therefore cannot be kept or released by a training.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { dirname } from 'node:path';

/** A held lock. */
export interface FileLock {
  readonly path: string;
  readonly release: () => void;
}

const HELD_BY_ANOTHER = 1;

/** Takes the lock if nobody holds it. */
export function tryLock(path: string): FileLock | undefined {
  const descriptor = openLock(path);
  const { status, error, stderr } = spawnSync('flock', ['-xn', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
  });
  if (status === 0) return held(path, descriptor);
  closeSync(descriptor);
  if (status === HELD_BY_ANOTHER) return undefined;
  throw flockTrouble(path, error ?? new Error(String(stderr)));
}

/** Waits for the lock, without using the processor; undefined when `signal` ends the wait. */
export async function waitForLock(path: string, signal: AbortSignal): Promise<FileLock | undefined> {
  const descriptor = openLock(path);
  const waiter = spawn('flock', ['-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
  const giveUp = (): void => {
    waiter.kill('SIGKILL');
  };
  signal.addEventListener('abort', giveUp);
  try {
    if (signal.aborted) giveUp();
    const [code]: unknown[] = await once(waiter, 'exit');
    if (code === 0) return held(path, descriptor);
    closeSync(descriptor);
    if (signal.aborted) return undefined;
    throw new Error(`flock ended with ${JSON.stringify(code)}`);
  } catch (error) {
    throw flockTrouble(path, error);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Whether nobody holds the lock now. */
export function isFree(path: string): boolean {
  const lock = tryLock(path);
  lock?.release();
  return lock !== undefined;
}

function openLock(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a');
}

function held(path: string, descriptor: number): FileLock {
  let open = true;
  const release = (): void => {
    if (open) closeSync(descriptor);
    open = false;
  };
  return { path, release };
}

function flockTrouble(path: string, cause: unknown): Error {
  return new Error(`Expected the lock ${path} to be usable; install flock (util-linux) and use a local file system.`, {
    cause,
  });
}
