import { describe, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../../src/domain/experiment.ts';
import type { Kind } from '../../../src/domain/model-work.ts';
import { drySpellOf, isPlateau, kindWanted } from '../../../src/proposer/model/kinds.ts';
import { recordOf } from '../records.ts';

const work = { model: 'm', promptHash: 'p', turns: 1, inputTokens: 1, cachedTokens: 0, outputTokens: 1, usd: 0 };
const tries = (count: number, more: Partial<ExperimentRecord> = {}): ExperimentRecord[] =>
  Array.from({ length: count }, () => recordOf(more));
const ofKind = (kind: Kind): ExperimentRecord => recordOf({ work: { ...work, kind } });

describe('the kind of an idea', () => {
  it('is left to its author most of the time', () => {
    expect(kindWanted([], 1)).toBeUndefined();
    expect(kindWanted(tries(5), 7)).toBeUndefined();
  });

  it('is scheduled for one experiment in eight, each of four in its turn', () => {
    const records = [...tries(3, { verdict: 'keep' }), ...tries(2, { nearMiss: true })];
    const kinds = [8, 16, 24, 32, 40].map((experiment) => kindWanted(records, experiment));
    expect(kinds).toEqual(['combine', 'simplify', 'ablate', 'reproduce', 'combine']);
  });

  it('is none that there is nothing for', () => {
    const kinds = [8, 16, 24].map((experiment) => kindWanted([], experiment));
    expect(kinds).toEqual(['simplify', 'ablate', 'simplify']);
  });

  it('is another on a plateau: what was left alone for the longest time', () => {
    const kept = recordOf({ verdict: 'keep' });
    const dry = [kept, ...tries(9), ofKind('schedule'), ofKind('scalar'), ofKind('optimizer')];
    expect(kindWanted(dry, 14)).toBe('arch');
    expect(kindWanted([...dry, ofKind('arch')], 15)).toBe('data');
    const all = (['arch', 'data', 'systems', 'simplify', 'combine', 'ablate'] as const).map(ofKind);
    expect(kindWanted([...dry, ...all], 21)).toBe('schedule');
    expect(kindWanted([...dry, kept], 15)).toBeUndefined();
  });

  it('is not to combine near misses on a plateau that has fewer than two', () => {
    const every = (['arch', 'data', 'systems', 'simplify'] as const).map(ofKind);
    const dry = [...tries(12), ...(['scalar', 'schedule', 'optimizer'] as const).map(ofKind), ...every];
    expect(kindWanted(dry, 21)).toBe('ablate');
    expect(kindWanted([...tries(2, { nearMiss: true }), ...dry], 23)).toBe('combine');
  });
});

it('a dry spell counts what was tried, not what came to nothing', () => {
  const records = [recordOf({ verdict: 'keep' }), ...tries(11), ...tries(9, { verdict: 'dropped' })];
  expect(drySpellOf(records)).toBe(11);
  expect(isPlateau(records)).toBe(false);
  expect(isPlateau([...records, recordOf()])).toBe(true);
});
