// The end of what a training said: what a person wants to read first when it failed.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Enough for a traceback's last line, short enough for a record. */
const WORDS = 200;
const TAIL_BYTES = 16 * 1024;

/** The last line of what was printed that says something. Empty when there is none. */
export function lastWords(end: string): string {
  const lines = end.split(/[\r\n]/).map((line) => line.trim());
  return (lines.findLast((line) => line !== '') ?? '').slice(0, WORDS);
}

/** The end of a log as plain lines; progress bars end theirs with `\r`. Empty when there is none. */
export function logEnd(log: string): string {
  // oxlint-disable-next-line no-control-regex -- a log may hold terminal codes; a record may not
  return tail(log, TAIL_BYTES).replaceAll(/\u001B\[[0-9;]*[A-Za-z]|[\u0000-\u0008\u000B-\u001F]/g, '\n');
}

/** The end of a file as text; empty when it is not there. */
function tail(path: string, bytes: number): string {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const length = Math.min(size, bytes);
      const buffer = Buffer.alloc(length);
      readSync(file, buffer, 0, length, size - length);
      return buffer.toString('utf8');
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
