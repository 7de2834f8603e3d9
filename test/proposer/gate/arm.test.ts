import { expect, it } from 'vitest';
import { armOf } from '../../../src/proposer/gate/arm.ts';

const read = (normal: string) => ({ 'a.py': { normal, findings: [], data: 0 } });

const arm = (text: string) => armOf({ 'prompt.md': text }, undefined);

it('is of Python files what their syntax trees say, and unknown where nobody read them', () => {
  expect(armOf({ 'a.py': 'x' }, read('1'))).toBe(armOf({ 'a.py': 'x # y' }, read('1')));
  expect(armOf({ 'a.py': 'x' }, read('1'))).not.toBe(armOf({ 'a.py': 'x' }, read('2')));
  expect(armOf({ 'a.py': 'x' }, undefined)).toBeUndefined();
  expect(armOf({ 'a.txt': 'x' }, undefined)).toBeDefined();
});

it('takes a file that does not parse as it stands', () => {
  const unread = { 'a.py': { problem: 'line 1' } };
  expect(armOf({ 'a.py': 'print x' }, unread)).toBe(armOf({ 'a.py': 'print x' }, unread));
  expect(armOf({ 'a.py': 'print x' }, unread)).not.toBe(armOf({ 'a.py': 'print  x' }, unread));
});

it('leaves blank lines and ends of lines out of other texts, and nothing else', () => {
  expect(arm('# A\n\nb  \r\n\n')).toBe(arm('# A\nb\n'));
  expect(arm('# A\n b\n')).not.toBe(arm('# A\nb\n'));
});

it('tells files by their paths, in any order', () => {
  expect(armOf({ a: '1', b: '2' }, undefined)).toBe(armOf({ b: '2', a: '1' }, undefined));
  expect(armOf({ a: '1', b: '2' }, undefined)).not.toBe(armOf({ a: '2', b: '1' }, undefined));
});
