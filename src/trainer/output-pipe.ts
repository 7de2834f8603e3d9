// A real pipe for a command's output. Node's own "pipe" is a socket, on which `tee /dev/stderr` and `> /dev/stdout`
// fail with ENXIO; a file could not be kept from growing. Our end reads for as long as anybody holds the other.
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** One pipe: give `writeEnd` to a child, then call `start`. */
export interface OutputPipe {
  readonly writeEnd: number;
  /** Closes our copy of the write end and begins reading. */
  readonly start: (onChunk: (chunk: Buffer) => void) => void;
  /** Resolves when every writer is gone, or after `patienceMs`; then reading is over. */
  readonly finish: (patienceMs: number) => Promise<void>;
}

/** Opens a pipe, for a moment by a name in `parent`; afterwards it has none that another process could open. */
export function openPipe(parent: string): OutputPipe {
  const folder = mkdtempSync(join(parent, 'pipe-'));
  try {
    const name = join(folder, 'pipe');
    const made = spawnSync('mkfifo', ['-m', '600', name], { encoding: 'utf8' });
    if (made.status !== 0)
      throw new Error(`Expected mkfifo to make ${name}, got: ${made.stderr}`, { cause: made.error });
    const readEnd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    return pipeOf(readEnd, openSync(name, constants.O_WRONLY));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pipeOf(readEnd: number, writeEnd: number): OutputPipe {
  // Made now, although it reads only later, so that the descriptor has one owner from the start.
  const socket = new Socket({ fd: readEnd, readable: true, writable: false });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  socket.on('error', () => socket.destroy());
  const start = (onChunk: (chunk: Buffer) => void): void => {
    closeSync(writeEnd);
    socket.on('data', onChunk);
  };
  const finish = async (patienceMs: number): Promise<void> => {
    const patience = new AbortController();
    const late = sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([closed, late]);
    patience.abort();
    socket.destroy();
    await closed;
  };
  return { writeEnd, start, finish };
}
