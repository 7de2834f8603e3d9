import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editOfDiff } from '../../src/domain/diff-edit.ts';
import { applyEdit } from '../../src/proposer/edit.ts';

/** What git says lies between two texts. */
function gitDiff(before: string, after: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-diff-'));
  const run = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  writeFileSync(join(folder, 'train.py'), before);
  run('init', '--quiet');
  run('add', '--all');
  writeFileSync(join(folder, 'train.py'), after);
  const diff = run('diff', '--no-color');
  rmSync(folder, { recursive: true });
  return diff;
}

const program = Array.from({ length: 60 }, (_none, line) => `line ${line}\n`).join('');

describe('a diff', () => {
  it.each([
    ['one line', program, program.replace('line 7\n', 'line seven\n')],
    ['many places', program, program.replace('line 7\n', '').replace('line 50\n', 'a\nb\n')],
    ['an end without a newline', 'a\nb', 'a\nc'],
    ['an end that gets its newline', 'a\nb', 'a\nb\n'],
    ['an end that loses it', 'a\nb\n', 'a\nb'],
    ['lines that look like headers', `${program}-- x\n`, `${program}++ y\n`],
  ])('of %s is an edit that makes one text of the other', (_what, before, after) => {
    const edit = editOfDiff(gitDiff(before, after));
    expect(applyEdit({ 'train.py': before }, edit)).toEqual({ ok: true, files: { 'train.py': after } });
  });

  it('may be a mail, or have other letters before its paths', () => {
    const text = 'From me\n--- i/train.py\n+++ w/train.py\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39.5\n';
    expect(editOfDiff(text)).toEqual([{ op: 'replace', file: 'train.py', search: 'a\n', replace: 'b\n' }]);
  });

  it('still applies where other lines have moved', () => {
    const edit = editOfDiff(gitDiff(program, program.replace('line 30\n', 'line thirty\n')));
    const applied = applyEdit({ 'train.py': `new\n${program}` }, edit);
    expect(applied.ok && applied.files['train.py']).toBe(`new\n${program}`.replace('line 30\n', 'line thirty\n'));
  });

  it.each([
    ['', /got no hunk in it/],
    ['hello', /got no hunk in it/],
    ['@@ -1 +1 @@\n-a\n+b\n', /a line `\+\+\+ b\/<file>` before the first hunk in line 1/],
    ['--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n', /as many lines as the hunk says in line 6/],
    ['--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\nand so on\n', /a hunk .* in line 6 of the diff, got "and so on"/],
    [
      'diff --git a/f b/f\nnew file mode 100644\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n',
      /changes of texts alone in line 2/,
    ],
    ['--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n', /changes of files that stay in line 2/],
    ['--- a/f\n+++ b/f\n@@ -1,0 +2 @@\n+a\n', /lines around what is added \(`git diff -U3`\) in line 3/],
    ['Binary files a/x and b/x differ\n', /changes of texts alone/],
  ])('that is none is refused: %j', (text, message) => {
    expect(() => editOfDiff(text)).toThrow(message);
  });
});
