import { expect, it } from 'vitest';
import { readData } from '../../../src/proposer/gate/data-form.ts';

const yaml = (text: string) => readData('c.yaml', text);
const json = (text: string) => readData('c.json', text);

it.each([
  ['comments', 'a: 1 # one\n# so\nb: [1, 2]\n', 'a: 1\n\nb: [1, 2]\n'],
  ['indentation', 'a:\n  b:\n    c: 1\n', 'a:\n   b:\n      c: 1\n'],
  ['block and flow', 'a:\n  - 1\n  - x: y\n', 'a: [1, {x: y}]\n'],
  ['kinds of quotes', 'a: "x"\n', "a: 'x'\n"],
])('takes %s for spelling', (_, one, other) => {
  expect(yaml(one)).toEqual(yaml(other));
});

it.each([
  ['a value', 'a: 1\n', 'a: 2\n'],
  ['how a number is written, which readers disagree about', 'a: 1e-3\n', 'a: 0.001\n'],
  ['a number and a text', 'a: 1\n', 'a: "1"\n'],
  ['a key', 'a: 1\n', 'b: 1\n'],
  ['order', 'a: 1\nb: 2\n', 'b: 2\na: 1\n'],
  ['a tag', 'a: !!str 1\n', 'a: 1\n'],
  ['what an alias means', 'a: &x 1\nb: &y 2\nc: *x\n', 'a: &x 1\nb: &y 2\nc: *y\n'],
  ['documents', 'a: 1\n', 'a: 1\n---\na: 1\n'],
])('keeps apart %s', (_, one, other) => {
  expect(yaml(one)).not.toEqual(yaml(other));
});

it('reads JSON in the same way', () => {
  expect(json('{"a": [1, 2.0], "b": null}')).toEqual(json('{\n\t"a": [\n\t\t1,\n\t\t2.0\n\t],\n\t"b": null\n}\n'));
  expect(json('{"a": 1}')).not.toEqual(json('{"a": 1.0}'));
});

it('says what does not parse, with its line', () => {
  expect(yaml('a: 1\nb: [1,\n')).toEqual({ problem: expect.stringMatching(/^no YAML from line [23]$/) });
  expect(json("{'a': 1}")).toEqual({ problem: 'no JSON' });
});

it.each([
  ['brackets', '['.repeat(200_000)],
  ['lists in one line', '- '.repeat(60_000)],
  ['a large file', 'a: 1\n'.repeat(20_000)],
  ['tags', '!!a '.repeat(10_000)],
])('does not parse %s that would keep the parser for long', (_, text) => {
  expect(yaml(text)).toEqual({ form: text });
});
