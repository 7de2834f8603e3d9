import { expect, test } from 'vitest';
import { chanceText } from '../../src/domain/assessment.ts';

test.each([
  [0.9772, '.98'],
  [0.5, '.50'],
  [0.9949, '.99'],
  [0.9951, '>.99'],
  [1, '>.99'],
  [0.004, '<.01'],
  [0, '<.01'],
])('a chance of %d is %s: never certain', (better, text) => {
  expect(chanceText(better)).toBe(text);
});
