import { expect, test } from 'vitest';
import { tierOfTrials } from '../../src/domain/tier.ts';
import { trialOf } from './trials.ts';

test('a number is of tier A where every trial that gave a part of it is', () => {
  const [a, b, failed] = [trialOf({ tier: 'A' }), trialOf({ tier: 'B' }), trialOf({ value: null, tier: 'B' })];
  expect([tierOfTrials([a, a]), tierOfTrials([a, b]), tierOfTrials([a, failed])]).toEqual(['A', 'B', 'A']);
  expect([tierOfTrials([failed]), tierOfTrials([])]).toEqual([null, null]);
});
