// A log that cannot fill the disk: its head goes to the file as it comes, then only the newest bytes are kept in
// memory and appended at the end, with a line that says how much was left out. A full disk costs log, never the trial.
import { closeSync, openSync, writeSync } from 'node:fs';

/** A bounded log being written. */
export interface BoundedLog {
  readonly write: (chunk: Buffer) => void;
  /** Bytes that came, kept or not. */
  readonly bytes: () => number;
  /** `performance.now()` of the last output; undefined before the first. */
  readonly lastOutputAt: () => number | undefined;
  /** The last line that has anything in it, finished or not; `\r` ends a line too. */
  readonly lastLine: () => string;
  readonly close: () => void;
}

const TAIL_BYTES = 1_000_000;
const LINE_BYTES = 4096;

/** Opens a log at `path` that ends up with at most about `maxBytes`. */
export function openBoundedLog(path: string, maxBytes: number): BoundedLog {
  const tailLimit = Math.min(TAIL_BYTES, Math.floor(maxBytes / 4));
  const descriptor = openSync(path, 'w');
  const tail = createTail(tailLimit);
  const recent = createTail(LINE_BYTES);
  let headLeft = maxBytes - tailLimit;
  let bytes = 0;
  let lastOutputAt: number | undefined;

  const write = (chunk: Buffer): void => {
    bytes += chunk.length;
    lastOutputAt = performance.now();
    recent.push(chunk);
    const head = chunk.subarray(0, headLeft);
    const written = writeAll(descriptor, head);
    // After the first short write (disk full) the file's head is over; the rest may fit at the end.
    headLeft = written < head.length ? 0 : headLeft - written;
    if (written < chunk.length) tail.push(chunk.subarray(written));
  };
  const close = (): void => {
    const { kept, dropped } = tail.take();
    if (dropped > 0) writeAll(descriptor, Buffer.from(`\n[autoresearch: ${dropped} bytes left out here]\n`));
    writeAll(descriptor, kept);
    closeSync(descriptor);
  };
  return { write, bytes: () => bytes, lastOutputAt: () => lastOutputAt, lastLine: () => lineOf(recent.peek()), close };
}

/** The newest bytes of a stream. */
export interface Tail {
  readonly push: (chunk: Buffer) => void;
  readonly peek: () => Buffer;
  readonly take: () => { readonly kept: Buffer; readonly dropped: number };
}

/** Keeps at least the newest `limit` bytes, at most that and one chunk; copies only when asked. */
export function createTail(limit: number): Tail {
  let chunks: Buffer[] = [];
  let held = 0;
  let pushed = 0;
  const push = (chunk: Buffer): void => {
    chunks.push(chunk);
    held += chunk.length;
    pushed += chunk.length;
    while (chunks[0] !== undefined && held - chunks[0].length >= limit) held -= chunks.shift()?.length ?? 0;
  };
  const peek = (): Buffer => {
    const whole = Buffer.concat(chunks);
    chunks = [whole];
    return whole.subarray(Math.max(0, whole.length - limit));
  };
  const take = (): { kept: Buffer; dropped: number } => {
    const kept = peek();
    return { kept, dropped: pushed - kept.length };
  };
  return { push, peek, take };
}

function writeAll(descriptor: number, bytes: Buffer): number {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written, bytes.length - written);
  } catch {
    // ENOSPC, EDQUOT, EIO: the log is a help for people; the training goes on without it
  }
  return written;
}

function lineOf(text: Buffer): string {
  return (
    text
      .toString('utf8')
      .split(/[\r\n]+/)
      .findLast((line) => line.trim() !== '') ?? ''
  );
}
