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

it('goes on beside a line that another edit has changed, by whatever operation it was said', () => {
  // WIDTH was 8 when both edits were made.
  const asSet = rebaseEdit(files, { edit: [set('DEPTH', '3')], hypothesis: 'DEPTH 2 -> 3' });
  expect(asSet).toMatchObject({ files: { 'train.py': 'RATE = 0.2\nWIDTH = 16\nDEPTH = 3\n' } });
  const replace = { op: 'replace', file: 'train.py' } as const;
  const above = { ...replace, search: 'WIDTH = 8\nDEPTH = 2\n', replace: 'WIDTH = 8\nDEPTH = 3\nHEADS = 4\n' };
  expect(rebaseEdit(files, { edit: [above], hypothesis: 'deeper' })).toMatchObject({
    kind: 'proposal',
    edit: [{ search: '\nDEPTH = 2\n', replace: '\nDEPTH = 3\nHEADS = 4\n' }],
    files: { 'train.py': 'RATE = 0.2\nWIDTH = 16\nDEPTH = 3\nHEADS = 4\n' },
  });
  const below = { ...replace, search: 'RATE = 0.2\nWIDTH = 8', replace: 'RATE = 0.3\nWIDTH = 8' };
  expect(rebaseEdit(files, { edit: [below], hypothesis: 'faster' })).toMatchObject({
    files: { 'train.py': 'RATE = 0.3\nWIDTH = 16\nDEPTH = 2\n' },
  });
});

it('drops an edit of the very line that another has changed, and does not guess where one line stands twice', () => {
  const replace = { op: 'replace', file: 'train.py' } as const;
  const same = { ...replace, search: 'RATE = 0.1\nWIDTH = 8', replace: 'RATE = 0.1\nWIDTH = 32' };
  expect(rebaseEdit(files, { edit: [same], hypothesis: 'wider' })).toMatchObject({ kind: 'dropped' });
  const twice = { 'train.py': 'a()\nx = 1\nb()\nx = 1\nc()\n' };
  const between = { ...replace, search: 'z()\nx = 1\n', replace: 'z()\nx = 2\n' };
  expect(rebaseEdit(twice, { edit: [between], hypothesis: 'more' })).toMatchObject({ kind: 'dropped' });
});
