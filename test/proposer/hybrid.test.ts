import { describe, expect, test } from 'vitest';
import { benchHybrid } from '../../bench/hybrid.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import type { Kind } from '../../src/domain/model-work.ts';
import { chooseKind, chooseSide, turnOf, type Turn } from '../../src/proposer/hybrid.ts';
import { createRandomNumbers } from '../../src/proposer/random-numbers.ts';
import { trialOf } from '../domain/trials.ts';
import { recordOf } from './records.ts';

const turn = (side: Turn['side'], gain: number, more: Partial<Turn> = {}): Turn => ({
  side,
  gain,
  cost: 10,
  isDropped: false,
  ...more,
});
const times = (count: number, one: Turn): Turn[] => Array.from({ length: count }, () => one);
const DRAWS = 400;
const shareOfModel = (turns: readonly Turn[]): number =>
  Array.from({ length: DRAWS }, (_, seed) => chooseSide(turns, createRandomNumbers(seed))).filter(
    (side) => side === 'model',
  ).length / DRAWS;
const shareOfKind = (turns: readonly Turn[], kind: Kind): number =>
  Array.from({ length: DRAWS }, (_, seed) => chooseKind(turns, createRandomNumbers(seed))).filter(
    (chosen) => chosen === kind,
  ).length / DRAWS;

describe('whose turn it is', () => {
  test('the same turns and seed give the same answer; with nothing known both are as likely', () => {
    const turns = [turn('model', 1), turn('search', 0)];
    expect(chooseSide(turns, createRandomNumbers(7))).toBe(chooseSide(turns, createRandomNumbers(7)));
    expect(shareOfModel([])).toBeCloseTo(0.5, 1);
  });

  test('who gains more gets more turns, and nobody less than a fifth', () => {
    const better = [...times(10, turn('model', 3)), ...times(10, turn('search', 0))];
    expect(shareOfModel(better)).toBeCloseTo(0.8, 1);
    const worse = [...times(10, turn('model', 0)), ...times(10, turn('search', 3))];
    expect(shareOfModel(worse)).toBeCloseTo(0.2, 1);
  });

  test('the same gain at ten times the cost is worth fewer turns', () => {
    const dear = [...times(8, turn('model', 1, { cost: 100 })), ...times(8, turn('search', 1))];
    expect(shareOfModel(dear)).toBeLessThan(0.35);
  });

  test('what was gained long ago counts less than what was gained of late', () => {
    const early = [...times(5, turn('model', 3)), ...times(40, turn('search', 1))];
    const late = [...times(40, turn('search', 1)), ...times(5, turn('model', 3))];
    expect(shareOfModel(early)).toBeLessThan(shareOfModel(late));
  });

  test('two proposals in a row that came to nothing give the turn to the other', () => {
    const nothing = times(2, turn('model', 0, { isDropped: true }));
    expect(shareOfModel([...times(20, turn('model', 5)), ...nothing])).toBe(0);
    expect(shareOfModel(times(2, turn('search', 0, { isDropped: true })))).toBe(1);
  });
});

test('kinds that gained are asked for more often, and plain numbers seldom: the search has them', () => {
  const turns = [...times(6, turn('model', 3, { kind: 'arch' })), ...times(6, turn('model', 0, { kind: 'data' }))];
  expect(shareOfKind(turns, 'arch')).toBeGreaterThan(2 * shareOfKind(turns, 'data'));
  expect(shareOfKind([], 'scalar')).toBeLessThan(shareOfKind([], 'arch') / 2);
});

const record = (more: Partial<ExperimentRecord>): ExperimentRecord => recordOf({ noise: 0.1, trials: [], ...more });

describe('what a record tells', () => {
  const assessment = { better: 0.5, worthwhile: 0.3, gain: 0.2, low: -1, high: 1, noise: 0.1, degrees: 8 };
  const work = {
    model: 'm',
    promptHash: 'p',
    turns: 1,
    inputTokens: 1,
    cachedTokens: 0,
    outputTokens: 1,
    usd: 0.1,
    kind: 'arch',
  } as const;
  test('a discard counts with its shrunk gain and its chance; seconds and dollars are its cost', () => {
    const told = turnOf(record({ verdict: 'discard', assessment, work, trials: [trialOf({ seconds: 20 })] }));
    expect(told).toEqual({ side: 'model', kind: 'arch', gain: 1, cost: 20 + 180, isDropped: false });
  });

  test('what a model took in vain is no turn of its own, and no cost of the search that proposed instead', () => {
    const told = record({ proposer: 'search', work: { ...work, inVain: true }, trials: [trialOf({ seconds: 20 })] });
    expect(turnOf(told)).toMatchObject({ side: 'search', cost: 20 });
    expect(turnOf({ ...told, proposer: '' })).toBeNull();
  });

  test('a crash gains nothing, nor does what is not trusted; a person has no turns', () => {
    expect(turnOf(record({ verdict: 'crash', proposer: 'search' }))).toMatchObject({ side: 'search', gain: 0 });
    expect(turnOf(record({ verdict: 'quarantine', proposer: 'search', gain: 9, assessment }))?.gain).toBe(0);
    expect(turnOf(record({ proposer: 'person' }))).toBeNull();
  });

  test('a keep by `greedy`, which weighs nothing, counts as measured', () => {
    expect(turnOf(record({ verdict: 'keep', proposer: 'search', gain: 0.3 }))?.gain).toBeCloseTo(3);
  });
});

test('on simulated tasks it is not far behind its best arm, be the model poor or good (bench `hybrid`: more tasks, a tenth)', () => {
  for (const { search, model, hybrid } of benchHybrid(3, [1, 30]))
    expect(hybrid).toBeGreaterThan(0.85 * Math.max(search, model));
}, 240_000);
