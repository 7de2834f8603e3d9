import { expect, it } from 'vitest';
import { applyEdit } from '../../../src/proposer/edit.ts';
import { editBetween } from '../../../src/proposer/model/whole-file.ts';
import { createRandomNumbers } from '../../../src/proposer/random-numbers.ts';

const after = (before: string, wanted: string): string | undefined => {
  const applied = applyEdit({ f: before }, editBetween('f', before, wanted));
  return applied.ok ? applied.files['f'] : undefined;
};

it('is the lines that differ, with lines about them until they occur once', () => {
  expect(editBetween('f', 'a\nb\nc\n', 'a\nB\nc\n')).toEqual([
    { op: 'replace', file: 'f', search: 'b\n', replace: 'B\n' },
  ]);
  expect(editBetween('f', 'x\ny\nx\n', 'x\ny\nX\n')).toEqual([
    { op: 'replace', file: 'f', search: 'y\nx\n', replace: 'y\nX\n' },
  ]);
  expect(editBetween('f', 'a\n', 'a\n')).toEqual([]);
});

it('makes any text of any other that is not empty', () => {
  const { uniform: random } = createRandomNumbers(7);
  const text = (): string =>
    Array.from({ length: Math.floor(12 * random()) }, () => `${'abc'[Math.floor(3 * random())]}\n`).join('') +
    (random() < 0.5 ? 'end' : '');
  const pairs = Array.from({ length: 2000 }, () => [text(), text()] as const).filter(([before]) => before !== '');
  for (const [before, wanted] of pairs) expect([before, after(before, wanted)]).toEqual([before, wanted]);
  expect(after('', 'a')).toBe('');
});
