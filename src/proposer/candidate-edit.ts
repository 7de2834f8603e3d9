// From moves of parameters to an edit, its hypothesis and the files after it.
import type { Edit } from '../domain/experiment.ts';
import { positionOf, valueAt } from './axis.ts';
import { applyEdit } from './edit.ts';
import type { Files, Proposal } from './proposer.ts';
import { constantsIn, writeValue } from './file-constants.ts';
import type { Literal } from './python-literal.ts';
import type { Parameter } from './search-space.ts';

/** A parameter and the literal that it is to take. */
export interface Move {
  readonly parameter: Parameter;
  readonly value: string;
}

/** The literal next to `position` on a number's axis; for a choice, `position` is its index. */
export function literalAt(parameter: Parameter, position: number): string {
  if (parameter.kind === 'choice') return parameter.choices[position] ?? parameter.current;
  const value = valueAt(parameter.axis, position);
  // The value that stands there keeps its own spelling: 1e-3 and 0.001 are no change.
  return value === parameter.literal.value
    ? parameter.literal.text
    : writeValue(parameter.file, value, parameter.literal);
}

/** Where the incumbent stands: its position, or which choice it takes (-1 when none of them). */
export function currentPosition(parameter: Parameter): number {
  if (parameter.kind === 'number') return positionOf(parameter.axis, parameter.literal.value);
  return parameter.choices.indexOf(parameter.current);
}

/** The proposal that makes `moves`; null when they change nothing. */
export function proposalOf(files: Files, moves: readonly Move[]): Extract<Proposal, { kind: 'proposal' }> | null {
  const places = new Map(moves.map(({ parameter: { file, name } }) => [`${file}:${name}`, { file, name }]));
  const edit: Edit[] = [];
  const words: string[] = [];
  for (const { file, name } of places.values()) {
    const own = moves.filter(({ parameter }) => parameter.file === file && parameter.name === name);
    const constant = constantsIn(file, files[file] ?? '').find((candidate) => candidate.name === name);
    if (constant === undefined) continue;
    const value = withMoves(constant, own);
    if (value === constant.text) continue;
    edit.push({ op: 'set', file, name, value });
    words.push(`${name} ${oneLine(constant.text)} -> ${oneLine(value)}`);
  }
  const applied = applyEdit(files, edit);
  if (edit.length === 0 || !applied.ok) return null;
  return { kind: 'proposal', hypothesis: words.join(', '), edit, files: applied.files };
}

/** The constant's text with the moved numbers written in; the rest of a tuple stays as it is. */
function withMoves({ text, start }: { text: string; start: number }, moves: readonly Move[]): string {
  let out = text;
  const spans = moves.flatMap(({ parameter, value }) => {
    if (parameter.kind === 'choice') return [{ from: 0, to: text.length, value }];
    return [{ from: parameter.literal.start - start, to: parameter.literal.end - start, value }];
  });
  for (const { from, to, value } of spans.toSorted((a, b) => b.from - a.from))
    out = out.slice(0, from) + value + out.slice(to);
  return out;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

/** A name for file contents: equal exactly when they are, but for how the values of constants are spelt. */
export function fingerprint(files: Files): string {
  const read = Object.entries(files).map(([path, source]) => [path, withValues(path, source)]);
  return JSON.stringify(read.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)));
}

/** 2**15 and 32768 are one value, and would be the same arm: to propose the other spelling is to propose nothing. */
function withValues(path: string, source: string): string {
  return constantsIn(path, source).reduceRight((text, { start, end, literal }) => {
    return text.slice(0, start) + valueOf(literal) + text.slice(end);
  }, source);
}

function valueOf(literal: Literal): string {
  if (literal.kind === 'tuple') return `(${literal.items.map(valueOf).join()})`;
  return `<${literal.kind === 'number' && literal.integer ? 'integer' : literal.kind} ${literal.value}>`;
}
