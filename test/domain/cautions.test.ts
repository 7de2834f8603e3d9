import { expect, it } from 'vitest';
import { cautionsOf } from '../../src/domain/cautions.ts';
import { NO_COUNTS } from '../../src/domain/counts.ts';
import { RULE_VERSION } from '../../src/domain/decide.ts';
import { viewOf } from '../../src/domain/view.ts';
import { openEvent } from '../git/sandbox.ts';
import { recordOf } from '../proposer/records.ts';

it('says under `greedy`, and under no other rule, that gains are unreplicated', () => {
  const counts = { ...NO_COUNTS, kept: 1 };
  expect(cautionsOf({ rule: 'greedy', counts })).toEqual([expect.stringMatching(/^gains under `greedy` are unrep/)]);
  expect(cautionsOf({ rule: 'greedy', counts: NO_COUNTS })).toEqual([]);
  expect(cautionsOf({ rule: 'default', counts })).toEqual([]);
});

it('says of a ledger that newer rules judged whose its best and gain are', () => {
  const [known, newer] = [recordOf({ experiment: 3, ruleVersion: 1 }), recordOf({ experiment: 4, ruleVersion: 99 })];
  const view = (...experiments: (typeof known)[]) => {
    const read = viewOf({ events: [openEvent('base')], experiments }, '');
    if (read === null) throw new Error('Expected a view.');
    return cautionsOf({ ...read, rule: 'default' });
  };
  expect(view(known)).toEqual([]);
  expect(view(known, newer)).toEqual([
    `experiment 4 was judged by rules of version 99, newer than this program’s: best and gain are what the rules of version ${RULE_VERSION} make of it; upgrade autoresearch`,
  ]);
});
