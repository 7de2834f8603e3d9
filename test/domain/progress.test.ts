import { expect, test } from 'vitest';
import { parseProgressLine } from '../../src/domain/progress.ts';

test.each([
  [
    'step 00123 (12.3%) | loss: 2.310000 | lrm: 1.00 | dt: 300ms | tok/sec: 100,000 | mfu: 39.8% | epoch: 1 | remaining: 87s',
    { step: 123, of: 1000, value: 2.31 },
  ],
  ['step 00000 (0.0%) | loss: 9.01', { step: 0, of: null, value: 9.01 }],
  ['step 12/100', { step: 12, of: 100, value: null }],
  ['Step: 12 of 100, train_loss=1.5e-2', { step: 12, of: 100, value: 0.015 }],
  ['iteration 40', { step: 40, of: null, value: null }],
  ['epoch [3/20] val_bpb: 2.8', { step: 3, of: 20, value: 2.8 }],
  [' 12%|█▏        | 12/100 [00:01<00:08, 10.00it/s, loss=0.5]', { step: 12, of: 100, value: 0.5 }],
  ['12%', { step: 12, of: 100, value: null }],
  ['12.5 % done', { step: 12.5, of: 100, value: null }],
])('reads progress out of %j', (line, expected) => {
  expect(parseProgressLine(line)).toEqual(expected);
});

test.each([
  '',
  'loading data',
  'val_bpb: 2.85',
  '2026/01/02 started',
  '150% faster',
  'steps taken: many',
  'took 3/0 s',
])('reads none out of %j', (line) => {
  expect(parseProgressLine(line)).toBeUndefined();
});
