import { expect, test } from 'vitest';
import { isPartial, overlay } from '../../src/domain/overlay.ts';

const WHOLE = { name: 'net', editable: ['train.py'], train: { run: 'true' }, metric: { name: 'loss' } };

test('only a mapping that lacks what a task needs is partial', () => {
  expect([{}, { train: { seconds: 60 } }, { ...WHOLE, train: { seconds: 60 } }].map(isPartial)).toEqual([
    true,
    true,
    true,
  ]);
  // Whatever else is wrong with it, it is meant as a task.
  expect([WHOLE, { ...WHOLE, metric: { name: 3 } }, 'a text', ['a list'], null].map(isPartial)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('says over a mapping what is otherwise in it: deep, lists as a whole, null for what is to go', () => {
  const under = {
    ...WHOLE,
    limits: { peak_vram_mb: '1.5x', params: 3 },
    checks: [{ name: 'a' }],
    prepare: { run: 'b' },
  };
  const over = {
    editable: ['net.py'],
    train: { seconds: 60 },
    limits: { peak_vram_mb: null },
    checks: [],
    prepare: null,
  };
  expect(overlay(under, over)).toEqual({
    ...WHOLE,
    editable: ['net.py'],
    train: { run: 'true', seconds: 60 },
    limits: { params: 3 },
    checks: [],
  });
  expect(overlay({}, { score: { run: 'true', sealed: null } })).toEqual({ score: { run: 'true' } });
});
