// Constants by the kind of their file: Python, or YAML and JSON.
import { readConstants, type Constant } from './constants.ts';
import { asDocumentNumber, isDocument, readDocumentConstants, readScalar } from './document-constants.ts';
import { readLiteral, type Literal, type NumberLiteral } from './python-literal.ts';
import { writeNumber } from './python-number.ts';

/** Whether constants are read of a file, by its name. */
export const hasConstants = (file: string): boolean => file.endsWith('.py') || isDocument(file);

/** Every constant of a file that may be set. */
export const constantsIn = (file: string, source: string): Constant[] =>
  isDocument(file) ? readDocumentConstants(source) : readConstants(source);

/** A value as it would stand in the file; null where it is none. */
export const readValue = (file: string, text: string): Literal | null =>
  isDocument(file) ? readScalar(text) : readLiteral(text);

/** A number in the spelling of the one that it replaces. */
export function writeValue(file: string, value: number, like: NumberLiteral): string {
  const text = writeNumber(value, like);
  return isDocument(file) ? asDocumentNumber(text) : text;
}

/** What a boolean of the file may be. */
export const booleansOf = (file: string): readonly string[] =>
  isDocument(file) ? ['true', 'false'] : ['True', 'False'];

/** Equal as values, however they are spelt. */
export function isSameValue(file: string, a: string, b: string): boolean {
  const [left, right] = [readValue(file, a), readValue(file, b)];
  if (left === null || right === null || left.kind === 'tuple' || right.kind === 'tuple') return a === b;
  return left.kind === right.kind && left.value === right.value;
}

/** A name as small words between underscores: `train.batchSize` is train_batch_size. */
export const wordsOf = (name: string): string =>
  name
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase();
