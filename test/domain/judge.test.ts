import { expect, it } from 'vitest';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import type { ExperimentRecord, Trial } from '../../src/domain/experiment.ts';
import { judgeAgain } from '../../src/domain/judge.ts';
import type { Ledger, LedgerEvent } from '../../src/domain/ledger.ts';
import { newRecord, openEvent } from '../git/sandbox.ts';
import { newTrial } from './trials.ts';

const AT = '2026-11-25T00:00:00.000Z';
const trial = (number: number, value: number, role: Trial['role'], commit: string): Trial =>
  newTrial({ trial: number, value, role, commit });
const baseline: LedgerEvent = {
  version: 1,
  kind: 'baseline',
  at: AT,
  commit: 'base',
  trials: [1.01, 0.99, 1, 1.012, 0.988].map((value, k) => trial(k + 1, value, 'baseline', 'base')),
  prior: 0.01,
};
const record = (
  experiment: number,
  verdict: ExperimentRecord['verdict'],
  values: readonly number[],
): ExperimentRecord => ({
  ...newRecord(experiment),
  rule: 'default',
  verdict,
  candidate: `c${experiment}`,
  trials: values.map((value, k) => trial(k + 1, value, 'candidate', `c${experiment}`)),
});
const ledger = (...experiments: ExperimentRecord[]): Ledger => ({ events: [openEvent('base'), baseline], experiments });

it('finds what another rule would have kept, discarded or asked more of', () => {
  const night = ledger(
    record(1, 'discard', [0.995]),
    record(2, 'keep', [0.96, 0.962, 0.958]),
    record(3, 'dropped', []),
  );
  expect(judgeAgain(night, 'greedy').map(({ experiment, was, now, trials }) => [experiment, was, now, trials])).toEqual(
    [
      [1, 'discard', 'keep', 1],
      [2, 'keep', 'keep', 1],
    ],
  );
  expect(judgeAgain(night, 'default')[1]).toMatchObject({ was: 'keep', now: 'keep' });
});

it('says which trial the rule would have asked for where none was run', () => {
  const [judged] = judgeAgain(ledger(record(1, 'keep', [0.97])), 'strict');
  expect(judged).toMatchObject({
    was: 'keep',
    now: 'open',
    reason: 'it would have asked for another trial of the candidate',
  });
});

it('judges each experiment against the incumbent that it had', () => {
  const night = ledger(record(1, 'keep', [0.9, 0.9, 0.9]), record(2, 'discard', [0.95]));
  expect(judgeAgain(night, 'greedy')[1]).toMatchObject({ now: 'discard' }); // better than the baseline, not than 1
});

it('refuses records of a rule version that it does not know, and a session without a baseline', () => {
  const strange = { ...record(4, 'keep', [0.9]), ruleVersion: 99 };
  expect(() => judgeAgain(ledger(strange), 'strict')).toThrow(/version \d+ or older, got version 99 at experiment 4/);
  expect(() => judgeAgain({ events: [openEvent('base')], experiments: [] }, 'strict')).toThrow(InvalidInput);
});

it('asks of a keep what the task asks', () => {
  const night = ledger(record(1, 'keep', [0.96, 0.962, 0.958]));
  const [open, ...rest] = night.events;
  if (open?.kind !== 'open') throw new Error('Expected an opening.');
  const metric = { ...open.task.metric, least: '10%' };
  const strict: Ledger = { ...night, events: [{ ...open, task: { ...open.task, metric } }, ...rest] };
  for (const rule of ['greedy', 'default'] as const) {
    expect(judgeAgain(night, rule)[0]).toMatchObject({ now: 'keep' });
    expect(judgeAgain(strict, rule)[0]).toMatchObject({ now: 'discard', reason: expect.stringContaining('less than') });
  }
});
