import { expect, it } from 'vitest';
import { rebaseEdit } from '../../src/proposer/rebase.ts';

const files = { 'train.py': 'RATE = 0.2\nWIDTH = 16\nDEPTH = 2\n' };
const set = (name: string, value: string) => ({ op: 'set', file: 'train.py', name, value }) as const;

it('says what a waiting edit changes on the new incumbent, and leaves out what that one has already', () => {
  const edit = [set('RATE', '0.4'), set('WIDTH', '16')];
  expect(rebaseEdit(files, { edit, hypothesis: 'RATE 0.1 -> 0.4, WIDTH 8 -> 16' })).toEqual({
    kind: 'proposal',
    hypothesis: 'RATE 0.2 -> 0.4',
    edit: [set('RATE', '0.4')],
    files: { 'train.py': 'RATE = 0.4\nWIDTH = 16\nDEPTH = 2\n' },
  });
});

it('drops an edit of which nothing is left, and one whose place is gone', () => {
  expect(rebaseEdit(files, { edit: [set('WIDTH', '16')], hypothesis: 'h' })).toMatchObject({
    kind: 'dropped',
    reason: 'the incumbent has all of it already',
  });
  expect(rebaseEdit(files, { edit: [set('GONE', '1')], hypothesis: 'h' })).toMatchObject({
    kind: 'dropped',
    hypothesis: 'h',
  });
});

it('keeps the words of an edit that is more than constants', () => {
  const edit = [{ op: 'replace', file: 'train.py', search: 'DEPTH = 2', replace: 'DEPTH = 3' } as const];
  expect(rebaseEdit(files, { edit, hypothesis: 'deeper is better' })).toMatchObject({ hypothesis: 'deeper is better' });
});
