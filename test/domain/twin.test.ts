import { describe, expect, it } from 'vitest';
import { VETOED } from '../../src/domain/experiment.ts';
import { decided, pooledTrials, twinOf } from '../../src/domain/twin.ts';
import { newRecord } from '../git/sandbox.ts';
import { trialOf } from './trials.ts';

const one = { name: 'experiment 1', tree: 'a', arm: 'x' };
const two = { name: 'experiment 2', tree: 'b', arm: 'y' };

it('names the copy of a tree, and the likeness of an arm', () => {
  expect(twinOf({ tree: 'b', arm: 'z' }, [one, two])).toBe('the same tree as experiment 2');
  expect(twinOf({ tree: 'c', arm: 'x' }, [one, two])).toBe(
    'the same as experiment 1 but for comments, formatting or names',
  );
  expect(twinOf({ tree: 'b', arm: 'x' }, [one, two])).toBe('the same tree as experiment 2');
  expect(twinOf({ tree: 'c', arm: 'z' }, [one, two])).toBeUndefined();
});

it('never takes what is not known for the same', () => {
  const unknown = [{ name: 'experiment 1', tree: null }, { name: 'experiment 2' }];
  expect(twinOf({}, unknown)).toBeUndefined();
  expect(twinOf({ tree: null }, unknown)).toBeUndefined();
});

it('counts the verdicts that settle a matter, not what the world or the end of the session prevented', () => {
  const verdicts = ['keep', 'discard', 'crash', 'quarantine', 'undecided', 'failed', 'dropped'] as const;
  const records = verdicts.map((verdict, index) => newRecord(index + 1, { verdict, tree: verdict, arm: 'x' }));
  expect(decided(records).map(({ tree }) => tree)).toEqual(['keep', 'discard', 'crash', 'quarantine']);
  expect(decided(records)[0]).toEqual({ name: 'experiment 1', tree: 'keep', arm: 'x' });
});

const BROUGHT = [
  trialOf({ trial: 1, seed: 7, value: 2.1 }),
  trialOf({ trial: 9, role: 'incumbent', value: 2.2 }),
  trialOf({ trial: 2, value: null, failure: 'the power went' }),
];
/** The first of them, as part of another experiment's evidence. */
const brought = (experiment: number) => ({ ...trialOf({ trial: 1, seed: 7, value: 2.1 }), experiment });
const open = (experiment: number, changes = {}) =>
  newRecord(experiment, { verdict: 'undecided', tree: `tree ${experiment}`, arm: 'x', trials: BROUGHT, ...changes });

describe('the trials that a candidate brings along', () => {
  it('are its own of every number that came to no verdict, of the same tree or arm', () => {
    const records = [open(1), open(2, { verdict: 'failed' }), open(3, { arm: 'y' }), open(4, { arm: undefined })];
    expect(pooledTrials({ tree: 'another', arm: 'x' }, records)).toEqual([brought(1), brought(2)]);
    expect(pooledTrials({ tree: 'tree 4' }, records)).toEqual([brought(4)]);
    expect(pooledTrials({ tree: null }, [open(5, { tree: null, arm: undefined })])).toEqual([]);
  });

  it('are none that were part of a verdict once: who accepts a candidate wants it tried afresh', () => {
    const judged = newRecord(2, { verdict: 'quarantine', arm: 'x', pooled: [brought(1)] });
    expect(pooledTrials({ arm: 'x' }, [open(1), judged, open(3)])).toEqual([brought(3)]);
    expect(pooledTrials({ arm: 'x' }, [open(1), { ...judged, verdict: 'undecided' }])).toEqual([brought(1)]);
  });

  it('are none of one that has its verdict, or that a person did not want', () => {
    const records = [open(1, { verdict: 'discard' }), open(2, { verdict: 'dropped', reason: VETOED })];
    expect(pooledTrials({ tree: 'another', arm: 'x' }, records)).toEqual([]);
  });
});
