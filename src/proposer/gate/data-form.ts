// YAML and JSON by what they say: comments, indentation, quotes and line breaks are spelling. Order counts, and numbers
// stay as they are written, because 1e-3 is a number to one reader of YAML and a text to another.
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';

/** What a file of data says, as a text that is equal for all its spellings; or why it says nothing. */
export type DataReading = { readonly form: string } | { readonly problem: string };

/** The parser works in our own process, and texts are hostile: these limits keep it from seconds of work and from its end. */
const MOST_BYTES = 64 * 1024;
const MOST_BRACKETS = 5000;
const MOST_INDICATORS_IN_A_LINE = 200;

/** Reads a YAML or JSON file; what is too large or too deep for that is its own form. */
export function readData(path: string, text: string): DataReading {
  const isJson = path.endsWith('.json');
  try {
    if (isJson) JSON.parse(text);
  } catch {
    return { problem: 'no JSON' };
  }
  if (isTooMuch(text)) return { form: text };
  const documents = [...parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' })];
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (error !== undefined)
    return isJson ? { form: text } : { problem: `no YAML from line ${error.linePos?.[0].line ?? 1}` };
  return { form: JSON.stringify(documents.map(({ contents }) => said(contents))) };
}

function isTooMuch(text: string): boolean {
  if (Buffer.byteLength(text) > MOST_BYTES || (text.match(/[[{]/g)?.length ?? 0) > MOST_BRACKETS) return true;
  return text.split('\n').some((line) => (line.match(/(?:^|[ \t])[-?:!&*]/g)?.length ?? 0) > MOST_INDICATORS_IN_A_LINE);
}

type Said = string | null | readonly Said[];

/** A node with its anchor and tag; what is quoted is a text, what is plain is whatever its reader makes of it. */
function said(node: unknown): Said {
  if (isAlias(node)) return ['alias', node.source];
  if (isScalar(node)) {
    const plain = node.type === 'PLAIN';
    return [
      node.anchor ?? null,
      node.tag ?? null,
      plain ? 'plain' : 'text',
      plain ? (node.source ?? '') : String(node.value),
    ];
  }
  if (isSeq(node)) return [node.anchor ?? null, node.tag ?? null, 'list', node.items.map(said)];
  if (isMap(node)) {
    const pairs = node.items.map(({ key, value }) => [said(key), said(value)]);
    return [node.anchor ?? null, node.tag ?? null, 'map', pairs];
  }
  return null;
}
