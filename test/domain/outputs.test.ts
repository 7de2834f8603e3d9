import { expect, it } from 'vitest';
import { factsOfLedger, factsOfReport, mayClear, type OutputFacts } from '../../src/domain/outputs.ts';
import { LIVE, OPEN, ledger, record } from '../cli/samples.ts';

const FACTS: OutputFacts = { keep: 'best', recordedUpTo: 7, best: 3, running: [9] };
const cleared = (facts: OutputFacts): number[] => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].filter((n) => mayClear(facts, n));

it('clears what is recorded, but for the best', () => {
  expect(cleared(FACTS)).toEqual([0, 1, 2, 4, 5, 6, 7]);
});

it('keeps the baseline while nothing is better, and everything while not even the baseline is recorded', () => {
  expect(cleared({ ...FACTS, best: 0 })).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(cleared({ ...FACTS, best: 0, recordedUpTo: -1, running: [0] })).toEqual([]);
});

it('keeps an old experiment while a new trial of it is under way', () => {
  expect(cleared({ ...FACTS, running: [2] })).toEqual([0, 1, 4, 5, 6, 7]);
});

it('keeps everything where that was asked for', () => {
  expect(cleared({ ...FACTS, keep: 'all' })).toEqual([]);
});

it('takes from a running session what it says, and from one that is over all but the best', () => {
  const report = { ...LIVE, outputs: { keep: 'best', recordedUpTo: 11 } as const };
  expect(factsOfReport(report, false)).toEqual({ keep: 'best', recordedUpTo: 11, best: 12, running: [14] });
  expect(factsOfReport(report, true)).toMatchObject({ recordedUpTo: Number.POSITIVE_INFINITY, running: [] });
  expect(factsOfReport({ ...report, best: null }, true)).toMatchObject({ best: 0 });
});

it('knows nothing of a session whose code is too old to say', () => {
  const { outputs: _outputs, ...old } = LIVE;
  expect(factsOfReport(old, true)).toBeNull();
});

it('knows from the ledger alone what stays', () => {
  const records = [record(12), record(13, { verdict: 'discard' })];
  expect(factsOfLedger(ledger(records))).toMatchObject({ keep: 'best', best: 12 });
  expect(factsOfLedger(ledger([]))).toMatchObject({ best: 0 });
  const all = { ...ledger([]), events: [{ ...OPEN, input: { keepOutputs: 'all' as const } }] };
  expect(factsOfLedger(all)).toMatchObject({ keep: 'all' });
  expect(factsOfLedger({ experiments: [], events: [] })).toBeNull();
});
