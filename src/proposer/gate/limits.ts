// What an edit may touch and how large it may be. Looked at before anything of it is parsed or written.
import type { Edit } from '../../domain/experiment.ts';
import type { Files } from '../proposer.ts';

/** An edit and what it makes of the editable files. */
export interface EditedFiles {
  readonly edit: readonly Edit[];
  readonly before: Files;
  readonly after: Files;
  /** Paths in the repo. */
  readonly editable: readonly string[];
}

/** Lines that come in, in all files together. Ten times the largest honest edit seen; small trained weights are larger. */
const MOST_NEW_BYTES = 64 * 1024;
/** A file: the largest hand-written training scripts have half of it, and each is parsed for every candidate. */
const MOST_FILE_BYTES = 256 * 1024;
/** The edit as operations, which stands in its commit's message and its record. */
const MOST_EDIT_BYTES = 256 * 1024;

const NUL = '\0';
const HALF_CHARACTER = /\p{Surrogate}/u; // cannot be written as UTF-8

/** Which limit an edit breaks, as the end of a sentence that begins with "it"; undefined when none. */
export function brokenLimit({ edit, before, after, editable }: EditedFiles): string | undefined {
  const changed = Object.entries(after).filter(([path, text]) => before[path] !== text);
  if (changed.some(([path]) => !editable.includes(path))) return 'it changes a file that is not editable';
  if (changed.some(([, text]) => text.includes(NUL) || HALF_CHARACTER.test(text))) return 'it adds what is no text';
  const grown = changed.filter(([path, text]) => Buffer.byteLength(text) > Buffer.byteLength(before[path] ?? ''));
  const size = changed.reduce((sum, [path, text]) => sum + newBytes(before[path] ?? '', text), 0);
  const tooLarge =
    size > MOST_NEW_BYTES ||
    Buffer.byteLength(JSON.stringify(edit)) > MOST_EDIT_BYTES ||
    grown.some(([, text]) => Buffer.byteLength(text) > MOST_FILE_BYTES);
  return tooLarge
    ? `it is too large: ${inKilobytes(MOST_NEW_BYTES)} of new lines, files of ${inKilobytes(MOST_FILE_BYTES)} at most`
    : undefined;
}

/** Bytes of the lines that are not among the lines of `before`, each line there counting once. */
function newBytes(before: string, after: string): number {
  const left = new Map<string, number>();
  for (const line of before.split('\n')) left.set(line, (left.get(line) ?? 0) + 1);
  let bytes = 0;
  for (const line of after.split('\n')) {
    const there = left.get(line) ?? 0;
    if (there > 0) left.set(line, there - 1);
    else bytes += Buffer.byteLength(line) + 1;
  }
  return bytes;
}

const inKilobytes = (bytes: number): string => `${bytes / 1024} kB`;
