// A unified diff as an edit: each hunk becomes a passage and what stands there instead, so that it can be applied to a base
// that has moved since. Line numbers are not used.
import type { Edit } from './experiment.ts';
import { InvalidInput } from './invalid-input.ts';

const HEADER = /^(diff --git |index |old mode |new mode |similarity |=+$|Index: )/;
const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;
/** What no edit of texts can do. */
const OTHER = /^(new file mode|deleted file mode|rename |copy |Binary files|GIT binary patch)/;

/** The edit that a diff makes, as `git diff` writes it. Throws `InvalidInput` with the line that does not fit. */
export function editOfDiff(diff: string): Edit[] {
  const lines = diff.split('\n');
  const edit: Edit[] = [];
  let file: string | null = null;
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').replace(/\r$/, '');
    const hunk = HUNK.exec(line);
    if (hunk !== null) {
      if (file === null) throw wrong(at, line, 'a line `+++ b/<file>` before the first hunk');
      const end = endOfHunk(lines, at, Number(hunk[1] ?? 1), Number(hunk[2] ?? 1));
      const { search, replace } = sides(lines.slice(at + 1, end));
      if (search === '') throw wrong(at, line, 'lines around what is added (`git diff -U3`)');
      edit.push({ op: 'replace', file, search, replace });
      at = end - 1;
    } else if (line === '-- ') break; // a mail's signature
    else if (line.startsWith('+++ ')) file = pathIn(line, at);
    else if (OTHER.test(line)) throw wrong(at, line, 'changes of texts alone');
    else if (line !== '' && !line.startsWith('--- ') && !HEADER.test(line) && file !== null)
      throw wrong(at, line, 'a hunk (`@@ … @@`) or the next file');
  }
  if (edit.length === 0)
    throw new InvalidInput(['Expected a unified diff as `git diff` writes it, got no hunk in it.']);
  return edit;
}

/** Where a hunk's lines end, by the counts of its header. */
function endOfHunk(lines: readonly string[], at: number, before: number, after: number): number {
  let [left, right, end] = [before, after, at + 1];
  for (; left > 0 || right > 0; end++) {
    const line = lines[end];
    const mark = line === undefined ? undefined : (line[0] ?? ' '); // a mail program may have taken the blank
    if (mark === '\\') continue;
    if (mark === ' ' || mark === '-') left--;
    if (mark === ' ' || mark === '+') right--;
    if (mark === undefined || !' -+'.includes(mark) || left < 0 || right < 0)
      throw wrong(end, line ?? 'the end', 'as many lines as the hunk says');
  }
  return lines[end]?.startsWith('\\') === true ? end + 1 : end;
}

function sides(lines: readonly string[]): { search: string; replace: string } {
  let [search, replace] = ['', ''];
  let last = '';
  for (const line of lines) {
    const text = `${line.slice(1)}\n`;
    if (line.startsWith('\\')) {
      // The line before it has no end.
      if (last !== '+') search = search.slice(0, -1);
      if (last !== '-') replace = replace.slice(0, -1);
      continue;
    }
    last = line[0] ?? ' ';
    if (last !== '+') search += text;
    if (last !== '-') replace += text;
  }
  return { search, replace };
}

function pathIn(line: string, at: number): string {
  const path = line.slice(4).split('\t')[0] ?? '';
  if (path === '/dev/null') throw wrong(at, line, 'changes of files that stay');
  return path.replace(/^[biwoc]\//, ''); // `diff.mnemonicPrefix` has other letters
}

const wrong = (at: number, line: string, expected: string): InvalidInput =>
  new InvalidInput([`Expected ${expected} in line ${at + 1} of the diff, got ${JSON.stringify(line.slice(0, 60))}.`]);
