import { expect, it } from 'vitest';
import type { ExperimentRecord } from '../../../src/domain/experiment.ts';
import { tryOf } from '../../../src/proposer/model/outcome.ts';
import { trialOf } from '../../domain/trials.ts';
import { recordOf as recordWith } from '../records.ts';

const assessment = { better: 0.95, worthwhile: 0.9, gain: 0.0321, low: 0.01, high: 0.05, noise: 0.01, degrees: 4 };
const recordOf = (more: Partial<ExperimentRecord>): ExperimentRecord =>
  recordWith({ verdict: 'keep', value: 2.812345, gain: 0.0321, assessment, ...more });

it('is told in words: rounded to half the noise, how sure, and no exact number', () => {
  const shown = tryOf(recordOf({}));
  expect(shown).toEqual({
    experiment: 7,
    verdict: 'keep',
    hypothesis: 'WIDTH 8 -> 16',
    outcome: '3 times the noise better, clear',
  });
  expect(
    tryOf(recordOf({ verdict: 'discard', assessment: { ...assessment, better: 0.5, gain: -0.0149 } })).outcome,
  ).toBe('1.5 times the noise worse, unclear');
  expect(tryOf(recordOf({ verdict: 'discard', assessment: { ...assessment, better: 0.1, gain: 0.001 } })).outcome).toBe(
    'as good, no gain',
  );
});

it('says which check failed, what class a crash is, and never what made a candidate untrusted', () => {
  const failed = [trialOf({ failedCheck: 'limit broken: peak_memory_mb was 9' })];
  expect(tryOf(recordOf({ verdict: 'discard', trials: failed })).outcome).toBe('limit broken: peak_memory_mb was 9');
  const crashed = [trialOf({ value: null, crash: { class: 'oom', fault: 'idea' } })];
  expect(tryOf(recordOf({ verdict: 'crash', trials: crashed })).outcome).toBe('oom');
  const reason = 'it begins with the same weights whatever its seed is';
  expect(tryOf(recordOf({ verdict: 'quarantine', reason })).outcome).toBe('not trusted');
});
