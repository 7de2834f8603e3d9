import { expect, it } from 'vitest';
import { decided, twinOf } from '../../src/domain/twin.ts';
import { newRecord } from '../git/sandbox.ts';

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
