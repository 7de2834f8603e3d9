import { expect, it } from 'vitest';
import { detailsTable } from '../../workflows/details.ts';
import { LIVE } from '../cli/samples.ts';

it('says of the best its error and trials, of the gain its interval, noise and tier, of each verdict P and trials', () => {
  expect(detailsTable(LIVE)).toBe(`| session | so far |
|---|---|
| status | running |
| task | byte-lm (val_bpb, minimize) |
| best | 2.7911 ± 0.012, experiment 12, 1 trial, \`1a2b3c4\` |
| gain over the baseline | 0.060100 [0.032871, 0.087329]; noise 0.012 (95 %: 0.0077 to 0.027), tier A |
| note | gains under \`greedy\` are unreplicated: one trial each, and often luck |
| experiments | 13 of 100, 1 kept, 1 crashed |
| now | experiment 14: train, seed 77, BATCH_SIZE 64 -> 128 |
| branch | \`autoresearch/byte-lm-nov23\` |

| # | verdict | gain | P | trials | hypothesis |
|---|---|---|---|---|---|
| 13 | crash |  |  | 1 | WIDTH 128 -> 9999 |
| 12 | keep | 0.060100 | .98 | 3 | LEARNING_RATE 0.001 -> 0.0023 |
| 11 | discard | -0.0088000 |  | 1 | WIDTH 128 -> 96 |`);
});

it('says nothing of what is not known: before the baseline, without a gain, from an older version', () => {
  const before = detailsTable({ ...LIVE, best: null, baseline: null, noise: null, tier: null, last: [] });
  expect(before).not.toMatch(/best|gain over/);
  const { degrees: _, ...older } = { ...LIVE, best: LIVE.baseline };
  expect(detailsTable(older)).toContain('| gain over the baseline | none yet; noise 0.012, tier A |');
});

it('keeps what a hypothesis says in its cell', () => {
  const last = [
    { experiment: 1, verdict: 'keep', value: 1, gain: 1, trials: 1, hypothesis: 'a | b\nc', reason: '' },
  ] as const;
  expect(detailsTable({ ...LIVE, last })).toContain('| 1 | keep | 1.0000 |  | 1 | a \\| b c |');
});
