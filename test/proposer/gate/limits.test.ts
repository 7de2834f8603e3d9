import { expect, it } from 'vitest';
import { brokenLimit, type EditedFiles } from '../../../src/proposer/gate/limits.ts';

const before = { 'train.py': 'A = 1\nB = 2\n' };
const broken = (after: Record<string, string>, more: Partial<EditedFiles> = {}) =>
  brokenLimit({ edit: [], before, after, editable: ['train.py', 'model.py'], ...more });

it('lets an edit of editable text pass, a new file included', () => {
  expect(broken({ 'train.py': 'A = 2\nB = 2\n' })).toBeUndefined();
  expect(broken({ ...before, 'model.py': 'C = "ü🙂"\n' })).toBeUndefined();
});

it.each(['score.py', 'autoresearch.yaml', './train.py', 'sub/../train.py', 'train.py/', 'conftest.py', 'TRAIN.PY'])(
  'refuses an edit of %s',
  (path) => {
    expect(broken({ ...before, [path]: 'x = 1\n' })).toBe('it changes a file that is not editable');
  },
);

it('does not mind a file that is not editable and stays as it is', () => {
  expect(brokenLimit({ edit: [], before: { ...before, s: '1' }, after: { ...before, s: '1' }, editable: [] })).toBe(
    undefined,
  );
});

it.each([
  ['a NUL byte', 'A = "\0"\n'],
  ['half a character', 'A = "\uD83D"\n'],
])('refuses %s', (_, text) => {
  expect(broken({ 'train.py': text })).toBe('it adds what is no text');
});

it('refuses more than 64 kB of new lines, spread over files or not', () => {
  const half = 'x = 1 # ......................\n'.repeat(1100);
  expect(broken({ 'train.py': half })).toBeUndefined();
  expect(broken({ 'train.py': half + half })).toMatch(/^it is too large/);
  expect(broken({ 'train.py': half, 'model.py': half })).toMatch(/^it is too large/);
  expect(broken({ 'train.py': 'x'.repeat(70_000) })).toMatch(/^it is too large/);
});

it('counts only lines that are new: moved and removed ones are free', () => {
  const lines = Array.from({ length: 6000 }, (_, index) => `x${index} = ${index}`);
  const large = { 'train.py': lines.join('\n') };
  expect(broken({ 'train.py': lines.toReversed().join('\n') }, { before: large })).toBeUndefined();
  expect(broken({ 'train.py': 'x = 1\n' }, { before: large })).toBeUndefined();
});

it('lets a file that was too large before shrink, not grow', () => {
  const large = { 'train.py': 'y = 1\n'.repeat(60_000) };
  expect(broken({ 'train.py': large['train.py'].slice(6) }, { before: large })).toBeUndefined();
  expect(broken({ 'train.py': `${large['train.py']}z = 1\n` }, { before: large })).toMatch(/^it is too large/);
});

it('refuses operations that are too large to stand in a commit message, whatever they come to', () => {
  const edit = [{ op: 'replace', file: 'train.py', search: 'A', replace: 'x'.repeat(300_000) } as const];
  expect(broken({ 'train.py': 'A = 2\n' }, { edit })).toMatch(/^it is too large/);
});
