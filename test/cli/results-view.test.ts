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
  const shown = experimentLines({ record: repair, task: { metric }, diff: '', log: null, at: 0 }, 120).join('\n');
  expect(shown).toMatch(/repairs\s+experiment 7, which crashed/);
});

it('says nothing of the kind of an experiment that is none', () => {
  expect(resultsTable([recordOf()], 120).join('\n')).not.toContain('repairs');
});
