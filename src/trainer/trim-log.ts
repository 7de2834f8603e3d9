// What stays of a log when nobody waits for it any more: how the training began, and how it ended.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
  type Stats,
} from 'node:fs';

/** The settings that a training prints, its first steps, and a traceback out of its start. */
const HEAD_BYTES = 64_000;
/** Its last steps, its figures, and any traceback that ended it; four times what `lastWords` looks at. */
const TAIL_BYTES = 64_000;
/** Room for the line between them: a log that was trimmed is not trimmed again. */
const NOTE_BYTES = 100;

/** Whether a log is longer than what stays of it; a link in its place, or nothing, is not. */
export function isLong(log: string): boolean {
  const stats: Stats | undefined = lstatSync(log, { throwIfNoEntry: false });
  return stats !== undefined && stats.isFile() && stats.size > HEAD_BYTES + TAIL_BYTES + NOTE_BYTES;
}

/** Trims a log that nobody writes any more to its head and its tail, by rename; safe to repeat. */
export function trimLog(log: string): void {
  if (!isLong(log)) return;
  const file = openSync(log, constants.O_RDONLY | constants.O_NOFOLLOW);
  let text: Buffer;
  try {
    const { size } = fstatSync(file);
    const note = Buffer.from(`\n[autoresearch: ${size - HEAD_BYTES - TAIL_BYTES} bytes left out here]\n`);
    text = Buffer.concat([read(file, 0, HEAD_BYTES), note, read(file, size - TAIL_BYTES, TAIL_BYTES)]);
  } finally {
    closeSync(file);
  }
  const partial = `${log}.partial`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, log);
}

function read(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}
