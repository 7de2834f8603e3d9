import { expect, test } from 'vitest';
import { filesFitting, isGlob } from '../../src/domain/globs.ts';

const FILES = ['a.py', 'ab.py', 'src/a.py', 'src/b.rs', 'src/deep/c.py', 'src/deep/.d.py', 'x+y(1).py', 'axpy'];

test.each([
  ['*.py', ['a.py', 'ab.py', 'x+y(1).py']],
  ['?.py', ['a.py']],
  ['**', FILES],
  ['**/*.py', ['a.py', 'ab.py', 'src/a.py', 'src/deep/c.py', 'src/deep/.d.py', 'x+y(1).py']],
  ['src/*', ['src/a.py', 'src/b.rs']],
  ['src/**', ['src/a.py', 'src/b.rs', 'src/deep/c.py', 'src/deep/.d.py']],
  ['src/**/*.py', ['src/a.py', 'src/deep/c.py', 'src/deep/.d.py']],
  ['x+y(1).p?', ['x+y(1).py']],
  ['[a].py*', []],
])('%s', (glob, fitting) => {
  expect(filesFitting(glob, FILES)).toEqual(fitting);
});

test('a path without `*` and `?` is none', () => {
  expect(['src/*', 'a?', '**'].every(isGlob)).toBe(true);
  expect(['src/', 'a[b].py', '{a,b}'].some(isGlob)).toBe(false);
});
