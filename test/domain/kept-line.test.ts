import { expect, it } from 'vitest';
import { lineTip } from '../../src/domain/kept-line.ts';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { readContents } from '../../src/domain/ledger-contents.ts';
import { checkMoves } from '../../src/domain/verify-ledger.ts';
import { newRecord, openEvent } from '../git/sandbox.ts';

const AT = '2026-11-24T00:00:00.000Z';
const move = (from: string, to: string, after: number): LedgerEvent => ({
  version: 1,
  kind: 'moved',
  at: AT,
  from,
  to,
  after,
  trials: [],
});
const keep = (experiment: number, base: string, candidate: string) =>
  newRecord(experiment, { verdict: 'keep', base, candidate });

it('the line is where it was put last, and what was kept since', () => {
  const records = [keep(1, 'base', 'c1'), newRecord(2), keep(4, 'x', 'c4')];
  expect(lineTip([openEvent('base')], [])).toBe('base');
  expect(lineTip([openEvent('base')], records.slice(0, 2))).toBe('c1');
  expect(lineTip([openEvent('base'), move('c1', 'x', 3)], records.slice(0, 2))).toBe('x');
  expect(lineTip([openEvent('base'), move('c1', 'x', 3)], records)).toBe('c4');
  expect(lineTip([], records)).toBeUndefined();
});

it('names a keep before a move that does not stand on the keep before it', () => {
  const events = [openEvent('base'), move('c3', 'x', 3)].map((event, index) => ({ index, event }));
  const problemsOf = (base: string) =>
    checkMoves({ ...readContents([]), events, records: [keep(1, 'base', 'c1'), keep(3, base, 'c3')] });
  expect(problemsOf('c1')).toEqual([]);
  const problem = 'Expected experiment 3 to be kept on c1, where the line was, got lost.';
  expect(problemsOf('lost')).toEqual([{ check: 'events', problem }]);
});
