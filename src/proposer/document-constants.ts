// The constants of a YAML or JSON file: its numbers, booleans and strings at any depth, by their path (`train.betas[0]`).
// JSON is read as YAML, which contains it. Only a value's span is ever written, so that comments and spacing stay byte for
// byte.
import { isCollection, isMap, isPair, isScalar, isSeq, parseDocument, type ParsedNode } from 'yaml';
import type { Constant } from './constants.ts';
import type { Literal } from './python-literal.ts';

/** A larger file is data, not settings. */
const MOST_CHARACTERS = 100_000;
/** Another key could not be told from a path. */
const KEY = /^[\w-]+$/;
const DOCUMENT = /\.(ya?ml|json)$/i;

/** Whether a file is one of these, by its name. */
export const isDocument = (file: string): boolean => DOCUMENT.test(file);

/** Every constant in the order of the file; none of a file that is no single document, or has mistakes. */
export function readDocumentConstants(source: string): Constant[] {
  if (source.length > MOST_CHARACTERS) return [];
  const document = parseDocument(source);
  if (document.errors.length > 0 || document.contents === null) return [];
  return constantsBelow(document.contents, { name: '', source, comment: '' });
}

interface Place {
  readonly name: string;
  readonly source: string;
  /** Of the flow collection around it, which stands on the same line. */
  readonly comment: string;
}

function constantsBelow(node: ParsedNode, place: Place): Constant[] {
  const comment = node.comment == null ? place.comment : `#${node.comment}`;
  if (isScalar(node)) {
    const [start, end] = node.range;
    const text = place.source.slice(start, end);
    const literal = readScalar(text, start);
    return literal === null || place.name === '' ? [] : [{ name: place.name, literal, text, start, end, comment }];
  }
  if (!isCollection(node)) return []; // an alias: what it stands for is a constant already
  const below = { source: place.source, comment: node.flow === true ? comment : '' };
  if (isSeq(node))
    return node.items.flatMap((item, index) => constantsBelow(item, { ...below, name: `${place.name}[${index}]` }));
  if (!isMap(node)) return [];
  return node.items.flatMap((pair) => {
    if (!isPair(pair) || pair.value === null || !isScalar(pair.key)) return [];
    const key = String(pair.key.value);
    if (!KEY.test(key)) return [];
    return constantsBelow(pair.value, { ...below, name: place.name === '' ? key : `${place.name}.${key}` });
  });
}

const NUMBER = /^(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;
const QUOTED = /^(?:"([^"\\\n]*)"|'([^'\\\n]*)')$/;
const WORD = /^[A-Za-z_][\w-]*$/;
/** Words that are no strings to one reader of YAML or another. */
const NO_STRING = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

/** Reads one value as it is written; null for anything but a plain number, a boolean or a string that says what it is. */
export function readScalar(text: string, start = 0): Literal | null {
  if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true' };
  if (NUMBER.test(text)) {
    const [value, integer] = [Number(text), /^\d+$/.test(text)];
    if (!Number.isFinite(value) || (integer && !Number.isSafeInteger(value))) return null;
    return { kind: 'number', integer, value, start, end: start + text.length, text };
  }
  const quoted = QUOTED.exec(text);
  if (quoted !== null) return { kind: 'string', value: quoted[1] ?? quoted[2] ?? '' };
  return WORD.test(text) && !NO_STRING.test(text) ? { kind: 'string', value: text } : null;
}

/** A number as every reader of YAML takes it for one: 1.1 wants a point before an exponent, and a sign in it. */
export const asDocumentNumber = (text: string): string => text.replace(/^(\d+)(?=e)/, '$1.0').replace(/e(?=\d)/, 'e+');
