// A waiting edit when the incumbent has moved: what the new one has already is left out, and what is left is said anew.
import type { Edit } from '../domain/experiment.ts';
import { constantsIn } from './file-constants.ts';
import { applyEdit } from './edit.ts';
import type { Files } from './proposer.ts';

/** The edit as it now is, or why nothing is left to try. */
export type Rebased =
  | {
      readonly kind: 'proposal';
      readonly hypothesis: string;
      readonly edit: Edit[];
      readonly files: Record<string, string>;
    }
  | { readonly kind: 'dropped'; readonly reason: string; readonly hypothesis: string };

/** Applies an edit to other files than it was made for. A `replace` must still match exactly once. */
export function rebaseEdit(
  files: Files,
  waiting: { readonly edit: readonly Edit[]; readonly hypothesis: string },
): Rebased {
  const { hypothesis } = waiting;
  const edit = waiting.edit.filter(
    (operation) => operation.op !== 'set' || textOf(files, operation) !== operation.value,
  );
  if (edit.length === 0) return { kind: 'dropped', reason: 'the incumbent has all of it already', hypothesis };
  const whole = applyEdit(files, edit);
  if (whole.ok) return { kind: 'proposal', hypothesis: inWords(files, edit) ?? hypothesis, edit, files: whole.files };
  const narrow = edit.map(changedLines);
  const applied = applyEdit(files, narrow);
  if (!applied.ok) return { kind: 'dropped', reason: `no longer applies: ${whole.reason}`, hypothesis };
  return { kind: 'proposal', hypothesis, edit: narrow, files: applied.files };
}

/**
 * Of a search/replace the lines that it changes alone, as whole lines: the ones beside them, which it was found by, may be
 * another's edit by now. What only adds lines stays as it is.
 */
function changedLines(operation: Edit): Edit {
  if (operation.op === 'set') return operation;
  const [before, after] = [operation.search.split('\n'), operation.replace.split('\n')];
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  if (start + end >= before.length) return operation;
  const cut = (lines: readonly string[]): string =>
    [...(start > 0 ? [''] : []), ...lines.slice(start, lines.length - end), ...(end > 0 ? [''] : [])].join('\n');
  return { ...operation, search: cut(before), replace: cut(after) };
}

/** What the edit changes now; null when it is more than constants, whose reason only its author knows. */
function inWords(files: Files, edit: readonly Edit[]): string | null {
  const words: string[] = [];
  for (const operation of edit) {
    if (operation.op !== 'set') return null;
    words.push(`${operation.name} ${textOf(files, operation) ?? '?'} -> ${operation.value}`.replaceAll(/\s+/g, ' '));
  }
  return words.join(', ');
}

function textOf(files: Files, { file, name }: { readonly file: string; readonly name: string }): string | undefined {
  return constantsIn(file, files[file] ?? '').find((constant) => constant.name === name)?.text;
}
