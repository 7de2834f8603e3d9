// Applies an edit's operations to files. Pure, so that the same edit can be applied again when its base moved.
import type { Edit } from '../domain/experiment.ts';
import { isDocument } from './document-constants.ts';
import { constantsIn, readValue } from './file-constants.ts';
import type { Files } from './proposer.ts';

/** Files after an edit, or why it does not apply. */
export type Applied =
  | { readonly ok: true; readonly files: Record<string, string> }
  | { readonly ok: false; readonly reason: string };

/** Applies all operations in order, or none. `set` writes one constant's value; `replace` must match exactly once. */
export function applyEdit(files: Files, edit: readonly Edit[]): Applied {
  const after = new Map(Object.entries(files));
  for (const operation of edit) {
    const source = after.get(operation.file);
    if (source === undefined)
      return { ok: false, reason: `Expected ${operation.file} to be an editable file, got none of that name.` };
    const applied = operation.op === 'set' ? setConstant(source, operation) : replaceOnce(source, operation);
    if ('reason' in applied) return { ok: false, reason: applied.reason };
    after.set(operation.file, applied.source);
  }
  return { ok: true, files: Object.fromEntries(after) };
}

type Changed = { readonly source: string } | { readonly reason: string };

function setConstant(source: string, { file, name, value }: Extract<Edit, { op: 'set' }>): Changed {
  if (readValue(file, value) === null)
    return {
      reason: `Expected the value of ${name} to be ${isDocument(file) ? 'a plain value' : 'a Python literal'}, got ${value}.`,
    };
  const constant = constantsIn(file, source).find((candidate) => candidate.name === name);
  if (constant === undefined)
    return {
      reason: isDocument(file)
        ? `Expected ${file} to have a plain value at ${name}; it has none.`
        : `Expected ${file} to assign ${name} once, at module level, to a literal; it does not.`,
    };
  return { source: source.slice(0, constant.start) + value + source.slice(constant.end) };
}

function replaceOnce(source: string, { file, search, replace }: Extract<Edit, { op: 'replace' }>): Changed {
  const first = search === '' ? -1 : source.indexOf(search);
  if (first === -1)
    return { reason: `Expected the searched text to be in ${file}, got no match: ${firstLine(search)}` };
  if (source.indexOf(search, first + 1) !== -1) {
    return { reason: `Expected the searched text to be in ${file} once, got several matches: ${firstLine(search)}` };
  }
  return { source: source.slice(0, first) + replace + source.slice(first + search.length) };
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
