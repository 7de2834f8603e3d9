import { expect, it } from 'vitest';
import { NO_WORK, extendBudget, exhausted, keepFree, lacking, leftFor, workBeside } from '../../src/domain/budget.ts';
import type { ExperimentRecord, Trial } from '../../src/domain/experiment.ts';
import type { Ledger, LedgerEvent } from '../../src/domain/ledger.ts';
import { resultsTsv } from '../../src/domain/results-tsv.ts';
import { bestReport } from '../../src/domain/best-report.ts';
import { taskSchema } from '../../src/domain/task.ts';
import { viewOf } from '../../src/domain/view.ts';

const at = '2026-11-23T20:00:00.000Z';
const task = taskSchema.parse({ name: 't', editable: ['train.py'], train: { run: 'x' }, metric: { name: 'loss' } });
const open: LedgerEvent = {
  version: 1,
  kind: 'open',
  session: 's',
  tag: 's',
  at,
  input: {},
  task,
  taskPath: 'autoresearch.yaml',
  base: 'b0',
  contract: 'c',
};
const trial = (value: number | null, number = 1): Trial => ({
  trial: number,
  role: 'baseline',
  commit: 'b0',
  seed: number,
  value,
  metrics: {},
  seconds: 1,
  budgetSeconds: 1,
  startedAt: at,
  endedAt: at,
  hostId: 'h',
  device: 'cpu',
  deviceClass: 'c',
  dataHash: 'd',
  tier: 'B',
});
const baseline: LedgerEvent = {
  version: 1,
  kind: 'baseline',
  at,
  commit: 'b0',
  trials: [trial(1.01), trial(0.99, 2), trial(1, 3)],
};
const record = (experiment: number, verdict: ExperimentRecord['verdict'], value: number | null): ExperimentRecord => ({
  version: 1,
  experiment,
  verdict,
  reason: 'r',
  hypothesis: `idea\t${experiment}`,
  proposer: 'search',
  base: 'b0',
  candidate: `c${experiment}`,
  tree: 't',
  edit: [],
  trials: [trial(value)],
  value,
  gain: value === null ? null : 1 - value,
  noise: 0.01,
  incumbent: { commit: 'b0', value: 1 },
  rule: 'greedy',
  startedAt: at,
  endedAt: at,
});
const ledger = (more: Partial<Ledger> = {}): Ledger => ({ events: [open, baseline], experiments: [], ...more });

it('reads the best, the noise and the counts out of a ledger alone', () => {
  const experiments = [
    record(1, 'discard', 1.2),
    record(2, 'keep', 0.8),
    record(3, 'crash', null),
    record(4, 'dropped', null),
  ];
  const view = viewOf(ledger({ experiments }), '/repo');
  expect(view).toMatchObject({
    session: 's',
    status: 'interrupted',
    branch: 'autoresearch/s',
    noise: expect.closeTo(0.01, 10),
  });
  const best = view === null ? null : bestReport(view);
  expect(best).toMatchObject({
    best: { commit: 'c2', experiment: 2, value: 0.8, trials: 1 },
    baseline: { commit: 'b0', value: 1, trials: 3 },
    gain: { claimed: expect.closeTo(0.2, 10), sealed: null },
    experiments: { total: 3, kept: 1, discarded: 1, crashed: 1, dropped: 1 },
  });
  // 1.96 · sqrt(0.01² + 0.01²/3)
  expect(best?.gain?.low).toBeCloseTo(0.2 - 0.0226, 4);
});

it('says the baseline is the best, with a gain of exactly 0, until something is kept', () => {
  const view = viewOf(ledger(), '/repo');
  expect(view && bestReport(view)).toMatchObject({ best: { experiment: 0 }, gain: { claimed: 0, low: 0, high: 0 } });
});

it('knows an ended session from an interrupted one, and a ledger that says nothing', () => {
  const end: LedgerEvent = { version: 1, kind: 'end', at, status: 'done', reason: 'all done' };
  expect(viewOf(ledger({ events: [open, baseline, end] }), '/repo')).toMatchObject({
    status: 'done',
    reason: 'all done',
  });
  expect(viewOf({ events: [], experiments: [] }, '/repo')).toBeNull();
});

it('writes a table in which an absent value is empty, never zero, and no text breaks a row', () => {
  const table = resultsTsv([record(1, 'crash', null), record(2, 'keep', 0.5)]);
  expect(table).toBe(
    'experiment\tcommit\tvalue\tgain\tverdict\ttrials\thypothesis\n1\tc1\t\t\tcrash\t1\tidea 1\n2\tc2\t0.5\t0.5\tkeep\t1\tidea 2\n',
  );
});

it('knows what one more proposal may take, and keeps free what was too much', () => {
  const work = { usd: 0.06, tokens: 900, mostUsd: 0.02, mostTokens: 500 };
  const budget = { experiments: 10, usd: 0.25, tokens: 2500 };
  expect(leftFor({ experiments: 10 }, work, 0)).toBeUndefined();
  expect(leftFor({ experiments: 10, tokens: 1000 }, work, 0)).toEqual({ tokens: 100 });
  const left = leftFor(budget, work, 2) ?? {};
  expect(left.usd).toBeCloseTo(0.15);
  expect(left.tokens).toBe(600);
  const nothing = { usd: 0, tokens: 0 };
  expect(lacking(left, { usd: 0.14, tokens: 600 }, nothing)).toBeNull();
  expect(lacking({}, { usd: 9, tokens: 9e9 }, nothing)).toBeNull();
  expect(lacking(left, { usd: 0.14, tokens: 1 }, { usd: 0.1, tokens: 0 })).toBe(
    'asking the model may take $0.1400, and $0.0500 is left for models',
  );
  expect(lacking(left, { usd: 0, tokens: 601 }, nothing)).toBe(
    'asking the model may take 601 tokens, and 600 are left',
  );
  const kept = keepFree(work, { usd: 0.2, tokens: 100 });
  expect(kept).toEqual({ ...work, mostUsd: 0.2 });
  const spent = { experiments: 1, hours: 1, gpuHours: 0 };
  expect(exhausted(budget, { ...spent, work })).toBeNull();
  expect(exhausted(budget, { ...spent, work: kept })).not.toBeNull();
});

it('ends a search by whichever part of the budget is spent first', () => {
  const budget = { experiments: 10, hours: 2 };
  expect(exhausted(budget, { experiments: 9, hours: 1, gpuHours: 50, work: NO_WORK })).toBeNull();
  expect(exhausted(budget, { experiments: 10, hours: 1, gpuHours: 0, work: NO_WORK })).toBe(
    'all 10 experiments are done',
  );
  expect(exhausted(budget, { experiments: 1, hours: 2, gpuHours: 0, work: NO_WORK })).toBe('2 hours are over');
  // Before it is exceeded: the next proposal may take as much as the dearest did.
  const work = { usd: 0.06, tokens: 900, mostUsd: 0.03, mostTokens: 500 };
  const spentOn = (most: object) => exhausted({ ...budget, ...most }, { experiments: 1, hours: 1, gpuHours: 0, work });
  expect([spentOn({ usd: 0.09 }), spentOn({ tokens: 1400 })]).toEqual([null, null]);
  expect(spentOn({ usd: 0.08 })).toMatch(/^the 0\.08 US dollars for models are spent, or what is left/);
  expect(spentOn({ tokens: 1399 })).toMatch(/^the 1399 tokens for models are spent, or what is left/);
  const beside = (most: object, making: number, took = work) =>
    exhausted(
      { ...budget, ...most },
      { experiments: 1, hours: 1, gpuHours: 0, work: workBeside({ ...budget, ...most }, took, making) },
    );
  expect([beside({ usd: 0.12 }, 1), beside({ tokens: 1900 }, 1), beside({}, 9)]).toEqual([null, null, null]);
  expect([beside({ usd: 0.11 }, 1), beside({ tokens: 1899 }, 1)]).not.toContain(null);
  // Nobody knows yet what one takes.
  expect([beside({ usd: 9 }, 0, NO_WORK), beside({}, 1, NO_WORK)]).toEqual([null, null]);
  expect(beside({ usd: 9 }, 1, NO_WORK)).not.toBeNull();
  expect(extendBudget(budget, { experiments: 5, hours: 1, gpuHours: 3 })).toEqual({
    experiments: 15,
    hours: 3,
    gpuHours: undefined,
  });
});
