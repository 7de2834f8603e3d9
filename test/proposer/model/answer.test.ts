import { describe, expect, it } from 'vitest';
import { applyEdit } from '../../../src/proposer/edit.ts';
import { readAnswer } from '../../../src/proposer/model/answer.ts';

const FILES = { 'train.py': 'A = 1\nB = 2\n\ndef f():\n    return A\n', 'model.py': 'WIDTH = 8\n' };
const answer = (more: object) => ({ hypothesis: 'a larger A', kind: 'scalar', expected_gain: 0.1, ...more });
const replace = (search: string, by: string, file = 'train.py') => ({ file, search, replace: by });
const wrongOf = (input: unknown): string => {
  const read = readAnswer(FILES, input);
  return read.kind === 'wrong' ? read.reason : 'it fits';
};

describe('the answer of a model', () => {
  it('is an edit of passages, in their order, that can be applied again', () => {
    const read = readAnswer(FILES, answer({ edits: [replace('A = 1', 'A = 3'), replace('A = 3\nB', 'A = 4\nB')] }));
    if (read.kind !== 'proposal') throw new Error(read.reason);
    expect(read.files).toEqual({ ...FILES, 'train.py': FILES['train.py'].replace('A = 1', 'A = 4') });
    expect(applyEdit(FILES, read.edit)).toEqual({ ok: true, files: read.files });
    expect(read.hypothesis).toBe('a larger A');
  });

  it('is a file written anew, as the passage that changed, beside passages of others', () => {
    const content = FILES['train.py'].replace('return A', 'return A + B');
    const edits = [replace('WIDTH = 8', 'WIDTH = 16', 'model.py')];
    const read = readAnswer(FILES, answer({ edits, files: [{ file: 'train.py', content }] }));
    if (read.kind !== 'proposal') throw new Error(read.reason);
    expect(read.files).toEqual({ 'train.py': content, 'model.py': 'WIDTH = 16\n' });
    expect(read.edit.at(-1)).toEqual({ op: 'replace', ...replace('    return A\n', '    return A + B\n') });
  });

  it('has a hypothesis of one line, not too long', () => {
    const read = readAnswer(
      FILES,
      answer({ hypothesis: `two\nlines ${'x'.repeat(500)}`, edits: [replace('A = 1', 'A = 2')] }),
    );
    if (read.kind !== 'proposal') throw new Error(read.reason);
    expect(read.hypothesis).toMatch(/^two lines x+$/);
    expect(read.hypothesis.length).toBe(300);
  });

  it.each([
    ['is no object', 7, /^Expected the input as the tool describes it/],
    ['is no JSON', 'text', /^Expected the input to be JSON, .* got what does not parse/],
    ['has no hypothesis', { kind: 'scalar', expected_gain: 0, edits: [] }, /^Expected hypothesis as the tool/],
    ['has a kind that there is none of', answer({ kind: 'magic' }), /^Expected kind as the tool/],
    [
      'edits a protected file',
      answer({ edits: [replace('a', 'b', 'score.py')] }),
      /one of train\.py, model\.py, got score\.py/,
    ],
    ['edits what every object has', answer({ edits: [replace('a', 'b', 'toString')] }), /got toString/],
    ['searches what is not there', answer({ edits: [replace('A = 7', 'A = 8')] }), /no match: A = 7/],
    ['searches what is there twice', answer({ edits: [replace('A', 'C')] }), /once, got several matches/],
    ['searches nothing', answer({ edits: [replace('', 'C')] }), /no match/],
    ['changes nothing', answer({ edits: [replace('A = 1', 'A = 1')] }), /an edit that changes something/],
    ['has no edit', answer({}), /an edit that changes something/],
  ])('is told what is wrong when it %s', (_what, input, reason) => {
    expect(wrongOf(input)).toMatch(reason);
  });
});
