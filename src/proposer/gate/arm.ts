// An arm: all candidates that differ in comments, formatting and names of local variables alone.
import { createHash } from 'node:crypto';
import type { Files } from '../proposer.ts';
import { readData } from './data-form.ts';
import type { Readings } from './violations.ts';

/** Goes with the rules of normal forms: other rules give other arms, never wrong ones. */
const RULES_VERSION = 1;

const PYTHON = /\.py$/;
const DATA = /\.(ya?ml|json)$/;

/** The Python files among these. */
export const pythonIn = (files: Files): Files => only(files, PYTHON);
/** The files of data among these. */
export const dataIn = (files: Files): Files => only(files, DATA);

const only = (files: Files, pattern: RegExp): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => pattern.test(path)));

/**
 * The arm of a version of the editable files, as a hash; undefined when Python files are among them and nobody could
 * read those. A file that does not parse is its own form.
 */
export function armOf(files: Files, readings: Readings | undefined): string | undefined {
  const forms = Object.entries(files).map(([path, text]) => {
    if (!PYTHON.test(path)) return [path, DATA.test(path) ? formOfData(path, text) : formOfText(text)];
    const reading = readings?.[path];
    return [path, reading !== undefined && 'normal' in reading ? reading.normal : text];
  });
  if (readings === undefined && Object.keys(pythonIn(files)).length > 0) return undefined;
  const ordered = forms.toSorted(([left = ''], [right = '']) => (left < right ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([RULES_VERSION, ordered]))
    .digest('hex');
}

function formOfData(path: string, text: string): string {
  const reading = readData(path, text);
  return 'form' in reading ? reading.form : text;
}

/** Without blank lines and white space at the ends of lines. */
function formOfText(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}
