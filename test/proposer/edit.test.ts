import { describe, expect, test } from 'vitest';
import { applyEdit } from '../../src/proposer/edit.ts';

const FILES = { 'train.py': 'A = 1\nB = 2.0  # keep me\nC = (0.8, 0.9)\nprint(A)\nprint(B)\n' };

describe('applyEdit', () => {
  test('sets constants and replaces text, in order', () => {
    const applied = applyEdit(FILES, [
      { op: 'set', file: 'train.py', name: 'B', value: '3e-4' },
      { op: 'replace', file: 'train.py', search: 'print(A)\n', replace: '' },
      { op: 'set', file: 'train.py', name: 'C', value: '(0.8, 0.99)' },
    ]);
    expect(applied).toEqual({
      ok: true,
      files: { 'train.py': 'A = 1\nB = 3e-4  # keep me\nC = (0.8, 0.99)\nprint(B)\n' },
    });
  });

  test('applies to a base where the lines beside it changed', () => {
    const moved = { 'train.py': FILES['train.py'].replace('A = 1', 'A = 5').replace('(0.8, 0.9)', '(0.7, 0.9)') };
    const applied = applyEdit(moved, [{ op: 'set', file: 'train.py', name: 'B', value: '4.0' }]);
    expect(applied.ok && applied.files['train.py']).toBe(
      'A = 5\nB = 4.0  # keep me\nC = (0.7, 0.9)\nprint(A)\nprint(B)\n',
    );
  });

  test('does not change the files that it was given', () => {
    const files = Object.freeze({ ...FILES });
    applyEdit(files, [{ op: 'set', file: 'train.py', name: 'A', value: '7' }]);
    expect(files).toEqual(FILES);
  });

  test.each([
    ['a constant that is not there', { op: 'set', file: 'train.py', name: 'Z', value: '1' }, /assign Z once/],
    ['a file that is not there', { op: 'set', file: 'prepare.py', name: 'A', value: '1' }, /editable file/],
    ['a name that every object has', { op: 'set', file: 'toString', name: 'A', value: '1' }, /editable file/],
    ['a value that is code', { op: 'set', file: 'train.py', name: 'A', value: 'exit()' }, /Python literal/],
    ['two values', { op: 'set', file: 'train.py', name: 'A', value: '1\nimport os' }, /Python literal/],
    ['text that is not there', { op: 'replace', file: 'train.py', search: 'nothing', replace: '' }, /no match/],
    ['text that is there twice', { op: 'replace', file: 'train.py', search: 'print(', replace: '' }, /several/],
    ['no text', { op: 'replace', file: 'train.py', search: '', replace: 'x' }, /no match/],
  ] as const)('refuses %s', (_, edit, reason) => {
    const applied = applyEdit(FILES, [edit]);
    expect(applied.ok ? '' : applied.reason).toMatch(reason);
  });

  test('refuses a constant that is assigned twice', () => {
    const applied = applyEdit({ 'a.py': 'A = 1\nA = 2\n' }, [{ op: 'set', file: 'a.py', name: 'A', value: '3' }]);
    expect(applied.ok).toBe(false);
  });
});
