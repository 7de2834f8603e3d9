import { describe, expect, it } from 'vitest';
import { signsOf, untrainedFlag } from '../../src/domain/signs.ts';
import { newTrial } from './trials.ts';

const metric = { name: 'val_bpb', direction: 'minimize' } as const;
const starts = (...more: object[]) => more.map((one) => newTrial({ role: 'untrained', value: 8, ...one }));

describe('what two starts without training show', () => {
  const known = { ...metric, untrained: 8 };
  it('is nothing where it knows nothing and begins elsewhere with another seed', () => {
    expect(untrainedFlag(known, starts({ outHash: 'a' }, { outHash: 'b', value: 7.9 }))).toBeNull();
    expect(untrainedFlag(metric, starts({ outHash: 'a', value: 1 }, { outHash: 'a' }))).toBeNull();
  });

  it('is a seed that changes nothing', () => {
    expect(untrainedFlag(known, starts({ outHash: 'a' }, { outHash: 'a' }))).toMatch(/same weights whatever its seed/);
  });

  it('is knowledge that it brings along', () => {
    expect(untrainedFlag(known, starts({ outHash: 'a' }, { outHash: 'b', value: 3 }))).toMatch(
      /^untrained it scores val_bpb 3, where knowing nothing is 8/,
    );
  });

  it('is that it does not start, with what it said', () => {
    const failed = { value: null, failure: 'exited with code 1: ZeroDivisionError' };
    expect(untrainedFlag(known, starts({ outHash: 'a' }, failed))).toBe(
      'with AUTORESEARCH_SECONDS=0 it gave no value: exited with code 1: ZeroDivisionError',
    );
  });

  it('is nothing that was accepted of another, and the other signs all the same', () => {
    const both = starts({ outHash: 'a', value: 3 }, { outHash: 'a' });
    expect(untrainedFlag(known, both, ['untrained'])).toMatch(/same weights/);
    expect(untrainedFlag(known, both, ['weights', 'bound'])).toMatch(/^untrained it scores/);
    expect(untrainedFlag(known, both, ['weights', 'untrained'])).toBeNull();
  });
});

const start = (reached: number, outHash: string) => ({ value: 0.1, metrics: { val_bpb: reached }, outHash });

describe('what an accepted candidate showed', () => {
  const task = { metric: { ...metric, untrained: 8, bound: 0.5 } };
  it('is each sign that its trials and starts have, and no other', () => {
    expect(signsOf(task, [newTrial({ value: 0.4 })], starts({ outHash: 'a' }, { outHash: 'b' }))).toEqual(['bound']);
    expect(signsOf(task, [newTrial({ value: 0.6 })], starts({ outHash: 'a', value: 1 }, { outHash: 'a' }))).toEqual([
      'untrained',
      'weights',
    ]);
    expect(signsOf(task, [newTrial({})], starts({ value: null }, { value: null }))).toEqual(['start']);
    expect(signsOf(task, [newTrial({})])).toEqual([]);
  });

  it('goes by the number that is asked for where a task has a target', () => {
    const timed = { metric: { ...metric, name: 'seconds', untrained: 8 }, target: 'val_bpb <= 3' };
    expect(signsOf(timed, [], starts(start(8, 'a'), start(8, 'b')))).toEqual([]);
    expect(signsOf(timed, [], starts(start(2, 'a'), start(8, 'b')))).toEqual(['untrained']);
  });
});
