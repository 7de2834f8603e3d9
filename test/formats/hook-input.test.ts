import { expect, test } from 'vitest';
import { hookInput } from '../../src/formats/hook-input.ts';
import { OPEN, ledger, record } from '../cli/samples.ts';

const NIGHT = ledger([
  record(1, { verdict: 'discard', value: 2.9 }),
  record(2, { verdict: 'dropped', candidate: null, value: null, trials: [] }),
  record(3, { value: 2.7 }),
]);
const told = (...asked: Parameters<typeof hookInput>): unknown => JSON.parse(hookInput(...asked));
const SESSION = { metric_name: 'val_bpb', metric_unit: '', direction: 'lower', goal: 'byte-lm' };
const BASELINE = (2.85 + 2.8524) / 2;

test('before: which run is next, what came of the last, and how the session stands', () => {
  expect(told({ stage: 'before', experiment: 9 }, NIGHT, OPEN, '/there')).toEqual({
    event: 'before',
    cwd: '/there',
    next_run: 4,
    last_run: {
      run: 3,
      status: 'keep',
      metric: 2.7,
      description: 'LEARNING_RATE 0.001 -> 0.0023',
      asi: expect.objectContaining({ experiment: 3, verdict: 'keep' }),
    },
    session: { ...SESSION, baseline_metric: BASELINE, best_metric: 2.7, run_count: 3 },
  });
});

test('before: nothing has run, nothing is known', () => {
  const nothing = { ...ledger([]), events: [OPEN] };
  expect(told({ stage: 'before', experiment: 1 }, nothing, OPEN, '/there')).toMatchObject({
    next_run: 1,
    last_run: null,
    session: { baseline_metric: null, best_metric: null, run_count: 0 },
  });
});

test('after: the whole run, and the session as it was then, whatever came later', () => {
  expect(told({ stage: 'after', experiment: 1 }, NIGHT, OPEN, '/there')).toEqual({
    event: 'after',
    cwd: '/there',
    run_entry: expect.objectContaining({ run: 2, status: 'discard', metric: 2.9, segment: 0 }),
    session: { ...SESSION, baseline_metric: BASELINE, best_metric: BASELINE, run_count: 2 },
  });
});

test('is one line', () => {
  expect(hookInput({ stage: 'after', experiment: 3 }, NIGHT, OPEN, '/a\nb')).toMatch(/^[^\n]+\n$/);
});
