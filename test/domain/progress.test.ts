import { expect, test } from 'vitest';
import { lastStep, parseProgressLine, saysNotANumber } from '../../src/domain/progress.ts';

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

test.each([
  ['step 1\rstep 20/100\rstep 31/100\n', 31],
  ['step 00950 (99.1%) | loss: 2\n---\nnum_steps: 957\ntraining_seconds: 6.00\n', 957],
  ['METRIC steps=12\nstep 11\n', 12],
  ['total_steps = 7', 7],
  [' 12%|█▏        | 12/100 [00:01<00:08]', 12],
  ['step 3\ntook 3/0 s\nMETRIC loss=1\n', 3],
  ['10%\n50%\n100%\n', null],
  ['METRIC loss=1\n', null],
  ['', null],
])('counts the steps in %j', (text, steps) => {
  expect(lastStep(text)).toBe(steps);
});

test.each([
  ['step 1 loss: nan', true],
  ['train_loss=NaN', true],
  ['"val_loss": inf,', true],
  ['loss -Infinity', true],
  ['loss: nan\nloss: 2.5', false],
  ['no loss of information', false],
  ['loss: nancy', false],
  ['', false],
])('knows whether the last loss in %j is no number', (text, isNone) => {
  expect(saysNotANumber(text)).toBe(isNone);
});
