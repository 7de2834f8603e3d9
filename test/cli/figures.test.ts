import { expect, test } from 'vitest';
import { duration, facts, figure, fit, gainFigure, plain, plainLines, table, wrap } from '../../src/cli/figures.ts';

test('numbers have so many significant digits and no exponent at ordinary sizes', () => {
  expect([2.85123, 0.0123456, 123456.7, 0, -0.5].map((value) => figure(value))).toEqual([
    '2.8512',
    '0.012346',
    '123457',
    '0',
    '-0.50000',
  ]);
  expect(figure(1.5e-9, 3)).toBe('1.50e-9');
  expect([gainFigure(0.06012), gainFigure(-0.0088), gainFigure(0)]).toEqual(['+0.0601', '-0.00880', '0']);
});

test('lengths of time are told in the unit that a person would use', () => {
  expect([0.2, 6, 89, 240, 4800, 7200].map(duration)).toEqual(['0 s', '6 s', '89 s', '4 min', '80 min', '2 h']);
  expect(duration(5 * 3600 + 600)).toBe('5 h 10 min');
});

test('what a model wrote cannot steer the terminal', () => {
  expect(plain('\u001B[2Jclear\r\nme\u202E\u0007')).toBe('[2Jclear me');
  expect(plainLines('a\rb\r\nc\u001B[31m\td')).toBe('a\nb\nc[31m\td');
});

test('lines end at the width that they are given, long words too', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  expect(fit('abcdef', 4)).toBe('abc…');
  for (const line of facts([['name', 'word '.repeat(40)]], 40)) expect(line.length).toBeLessThanOrEqual(40);
});

test('facts without a text are left out, and texts stand under each other', () => {
  expect(
    facts(
      [
        ['a', 'one'],
        ['long', ''],
        ['bcd', 'two'],
      ],
      40,
    ),
  ).toEqual(['a    one', 'bcd  two']);
});

test('the widest column gives way where the last one alone does not help', () => {
  const rows = [['a-session-of-a-long-name-nov24', 'done', 'task'.repeat(12), '/home/me/code/repo']];
  const lines = table(['session', 'status', 'task', 'repo'], rows, 60);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  expect(lines[1]).toMatch(/^a-session-of.*… {2}done .*task.*… {2}\/home\/m…$/);
});

test('the last column of a table gives way', () => {
  const lines = table(['#', 'text'], [['1', 'x'.repeat(200)]], 20);
  expect(lines).toEqual(['#  text', `1  ${'x'.repeat(16)}…`]);
});
