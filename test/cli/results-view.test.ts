import { expect, it } from 'vitest';
import { resultsCsv, resultsTable } from '../../src/cli/results-view.ts';
import { experimentLines } from '../../src/cli/show-view.ts';
import { recordOf } from '../proposer/records.ts';

const repair = recordOf({ experiment: 8, repairs: 7, proposer: 'anthropic' });

it('says of a repair what it is another try of, wherever experiments are told', () => {
  expect(resultsTable([repair], 120).join('\n')).toContain('WIDTH 8 -> 16 (repairs 7)');
  const [head = '', row = ''] = resultsCsv([repair]).split('\n');
  expect(row.split(',')[head.split(',').indexOf('repairs')]).toBe('7');
  const metric = { name: 'loss', direction: 'minimize' } as const;
  const shown = experimentLines({ record: repair, metric, hooks: [], diff: '', log: null, at: 0 }, 120).join('\n');
  expect(shown).toMatch(/repairs\s+experiment 7, which crashed/);
});

it('says nothing of the kind of an experiment that is none', () => {
  expect(resultsTable([recordOf()], 120).join('\n')).not.toContain('repairs');
});

it('says who proposed what, and what that cost, where it was not one search alone', () => {
  const work = {
    model: 'a-model',
    promptHash: 'p',
    turns: 1,
    inputTokens: 1,
    cachedTokens: 0,
    outputTokens: 1,
    usd: 0.0125,
  };
  const [head = '', ...rows] = resultsTable(
    [
      recordOf(),
      recordOf({ proposer: 'anthropic', work }),
      recordOf({ proposer: 'command', work: { ...work, usd: null } }),
      recordOf({ proposer: '', candidate: null, work }),
      recordOf({ proposer: 'person' }),
    ],
    120,
  );
  const [by, idea] = [head.indexOf('by '), head.indexOf('hypothesis')];
  expect(rows.map((row) => row.slice(by, idea).trim().replaceAll(/ +/g, ' '))).toEqual([
    'search',
    'anthropic $0.0125',
    'command unknown',
    'a-model $0.0125',
    'person',
  ]);
  expect(resultsTable([recordOf(), recordOf()], 120)[0]).not.toContain('cost');
});
