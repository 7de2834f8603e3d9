import { describe, expect, it } from 'vitest';
import { alsoUsual, flagOf, usualOf } from '../../src/domain/flags.ts';
import { newTrial } from './trials.ts';

const metric = { name: 'val_bpb', direction: 'minimize' } as const;
const baseline = [6.6, 6.62, 6.58].map((seconds) => newTrial({ seconds }));
const usual = usualOf(baseline);
const paced = (tokens: number) => newTrial({ seconds: 6.6, metrics: { tokens_per_second: tokens, params: 5 } });
const candidate = (more: object) => [newTrial({ role: 'candidate', seconds: 6.6, value: 2.9, ...more })];
const same = (...more: object[]) => more.flatMap((one, k) => candidate({ trial: k + 1, seed: k + 21, ...one }));

describe('what a candidate’s trials show', () => {
  it('is nothing where they are as the baseline’s were', () => {
    expect(flagOf(usual, metric, candidate({ seconds: 6.75 }))).toBeNull();
    expect(flagOf(null, metric, candidate({ seconds: 60, leftovers: 9 }))).toBeNull();
  });

  it('is a score that no honest program reaches, whichever way it is oriented', () => {
    const impossible = flagOf(usual, { ...metric, bound: 0.5 }, candidate({ value: 0.02 }));
    expect(impossible).toBe('val_bpb 0.02 is better than 0.5, which no honest program reaches (`metric.bound`)');
    expect(flagOf(usual, { ...metric, bound: 0.5 }, candidate({ value: 0.5 }))).toBeNull();
    const accuracy = { name: 'accuracy', direction: 'maximize', bound: 1 } as const;
    expect(flagOf(usual, accuracy, candidate({ value: 1.01 }))).toMatch(/better than 1,/);
    expect(flagOf(usual, accuracy, candidate({ value: 0.99 }))).toBeNull();
  });

  it('is a training that goes on for longer than any of the baseline’s, by more than those differ', () => {
    expect(flagOf(usual, metric, candidate({ seconds: 7.2 }))).toBe(
      'it ran for 7.2 s, 0.58 s longer than any trial of the baseline',
    );
    const busy = usualOf([6.2, 7.2, 6.7].map((seconds) => newTrial({ seconds })));
    expect(flagOf(busy, metric, candidate({ seconds: 8.5 }))).toBeNull();
    expect(flagOf(busy, metric, candidate({ seconds: 8.8 }))).not.toBeNull();
    // One trial does not show by how much they differ.
    const alone = usualOf([newTrial({ seconds: 6.6 })]);
    expect(flagOf(alone, metric, candidate({ seconds: 7.5 }))).toBeNull();
    expect(flagOf(alone, metric, candidate({ seconds: 7.7 }))).not.toBeNull();
  });

  it('is no time within its budget, whatever the baseline needs of it', () => {
    const short = usualOf([newTrial({ seconds: 40, budgetSeconds: 300 })]);
    expect(flagOf(short, metric, candidate({ seconds: 290, budgetSeconds: 300 }))).toBeNull();
    expect(flagOf(short, metric, candidate({ seconds: 301.5, budgetSeconds: 300 }))).not.toBeNull();
  });

  it('is no time at all where time is what is scored', () => {
    const timed = usualOf(baseline, { target: 'val_bpb <= 3.28' });
    expect(flagOf(timed, metric, candidate({ seconds: 60, budgetSeconds: 1 }))).toBeNull();
    expect(flagOf(timed, metric, candidate({ seconds: 0.1 }))).toBeNull();
    expect(flagOf(alsoUsual(timed, baseline), metric, candidate({ seconds: 60, budgetSeconds: 1 }))).toBeNull();
    expect(flagOf(timed, metric, candidate({ seconds: 0.1, leftovers: 9 }))).not.toBeNull();
  });

  it('is nothing that a person has accepted, or put on the line', () => {
    const slower = [newTrial({ seconds: 7.2, leftovers: 2 })];
    expect(flagOf(alsoUsual(usual, slower), metric, candidate({ seconds: 7.2, leftovers: 2 }))).toBeNull();
    const bounded = { ...metric, bound: 3 };
    expect(flagOf(alsoUsual(usual, slower), bounded, candidate({}))).not.toBeNull();
    expect(flagOf(alsoUsual(usual, slower, ['weights']), bounded, candidate({}))).not.toBeNull();
    const accepted = alsoUsual(usual, slower, ['bound']);
    expect(flagOf(alsoUsual(accepted, slower, ['weights']), bounded, candidate({}))).toBeNull();
  });

  it('is more than time allows, where the task says how much that is, or no word of it', () => {
    const task = { plausible: { tokens_per_second: '3x', params: 9 } } as const;
    const known = usualOf([paced(100), paced(110)], task);
    const told = (metrics: Record<string, number>) => flagOf(known, metric, candidate({ metrics }));
    expect(told({ tokens_per_second: 330, params: 9 })).toBeNull();
    expect(told({ tokens_per_second: 331, params: 9 })).toBe(
      "tokens_per_second was 331, at most 330 is allowed (3 times the baseline's 110) (`plausible`)",
    );
    expect(told({ tokens_per_second: 100 })).toBe('it does not say its params (`plausible`)');
    const faster = alsoUsual(known, [paced(500)]);
    expect(flagOf(faster, metric, candidate({ metrics: { tokens_per_second: 500, params: 5 } }))).toBeNull();
    expect(flagOf(faster, metric, candidate({ metrics: { tokens_per_second: 501, params: 5 } }))).not.toBeNull();
  });

  it('is a better score with a worse training loss than any trial of the baseline has', () => {
    const known = usualOf([2.1, 2.3, 2.2].map((trainingLoss) => newTrial({ seconds: 6.6, trainingLoss })));
    expect(flagOf(known, metric, candidate({ trainingLoss: 2.3 }))).toBeNull();
    expect(flagOf(known, metric, candidate({}))).toBeNull();
    const moved = alsoUsual(known, [newTrial({ seconds: 6.6, trainingLoss: 2.5 })]);
    expect(flagOf(moved, metric, candidate({ trainingLoss: 2.4 }))).toBeNull();
    expect(flagOf(known, metric, candidate({ trainingLoss: 2.31 }))).toMatch(/2\.31 is worse than .*baseline \(2\.3;/);
  });

  it('is an output that was written to after the end, where the baseline’s is not', () => {
    const late = candidate({ outputChanged: true });
    expect(flagOf(usual, metric, late)).toBe('what it left was written to after its training had ended');
    expect(flagOf(usualOf([newTrial({ seconds: 6.6, outputChanged: true })]), metric, late)).toBeNull();
  });

  it('is a process that was left running, where the baseline leaves none', () => {
    expect(flagOf(usual, metric, candidate({ leftovers: 2 }))).toBe('it left 2 of its processes running');
    expect(flagOf(usualOf([newTrial({ seconds: 9, leftovers: 2 })]), metric, candidate({ leftovers: 2 }))).toBeNull();
  });

  it('is a value that is exactly the same on two seeds, where no two of the baseline’s are', () => {
    const seeded = usualOf([1.01, 1.02].map((value, k) => newTrial({ trial: k + 1, value, seconds: 6.6 })));
    expect(flagOf(seeded, metric, same({}, {}))).toBe(
      'with 2 seeds it gives exactly the same val_bpb 2.9, as the baseline does not: it ignores its seed',
    );
    expect(flagOf(seeded, metric, same({}, { value: 2.900001 }))).toBeNull();
    expect(flagOf(seeded, metric, same({ value: null }, { value: null }))).toBeNull();
    // A deterministic task; and a baseline with one seed, which tells nothing.
    const even = usualOf([1, 2].map((trial) => newTrial({ trial, seconds: 6.6 })));
    expect(flagOf(even, metric, same({}, {}))).toBeNull();
    expect(flagOf(usualOf([newTrial({ seconds: 6.6 })]), metric, same({}, {}))).toBeNull();
    // A person put such a commit on the line.
    expect(flagOf(alsoUsual(seeded, same({}, {})), metric, same({}, {}))).toBeNull();
    expect(flagOf(alsoUsual(seeded, same({})), metric, same({}, {}))).not.toBeNull();
  });
});
