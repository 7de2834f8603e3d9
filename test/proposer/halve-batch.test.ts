import { expect, it } from 'vitest';
import { halveBatch } from '../../src/proposer/halve-batch.ts';

const FILES = { 'train.py': 'WIDTH = 256\nTOTAL_BATCH_SIZE = 2**15  # tokens\n' };
const set = (name: string, value: string) => ({ op: 'set', file: 'train.py', name, value }) as const;
const crashed = { experiment: 4, hypothesis: 'WIDTH 256 -> 1024', edit: [set('WIDTH', '1024')] };

it('proposes the edit again with half the batch, in the spelling that stands there', () => {
  expect(halveBatch(FILES, crashed)).toEqual({
    kind: 'proposal',
    hypothesis: 'WIDTH 256 -> 1024, with half the batch',
    edit: [set('WIDTH', '1024'), set('TOTAL_BATCH_SIZE', '2**14')],
    files: { 'train.py': 'WIDTH = 1024\nTOTAL_BATCH_SIZE = 2**14  # tokens\n' },
  });
});

it('halves what the crashed edit had set, also the second time', () => {
  const edit = [set('TOTAL_BATCH_SIZE', '2**17')];
  expect(halveBatch(FILES, { ...crashed, edit })?.edit).toEqual([set('TOTAL_BATCH_SIZE', '2**16')]);
});

it('has nothing to propose without a batch that can be halved, or where the edit no longer applies', () => {
  expect(halveBatch({ 'train.py': 'WIDTH = 256\nBATCH = 5\n' }, crashed)).toBeNull();
  expect(halveBatch({ 'train.py': 'BATCH = 4\n' }, crashed)).toBeNull();
});
