import { expect, it } from 'vitest';
import type { PriorExperiment, PriorLog } from '../../../src/domain/prior.ts';
import { hearsayOf } from '../../../src/proposer/model/hearsay.ts';

const one = (description: string, verdict: PriorExperiment['verdict'] = 'discard'): PriorExperiment => ({
  number: 1,
  commit: null,
  verdict,
  value: 0.9979,
  metrics: {},
  description,
});
const logOf = (experiments: PriorExperiment[], metric: string | null = 'val_bpb'): PriorLog => ({
  version: 1,
  format: 'pi',
  segments: [{ name: '', metric, unit: null, direction: null, experiments }],
});

it('tells verdicts and words on one line each, and no value', () => {
  const log = logOf([one('a\nb\t c', 'keep'), one('wrong', 'checks_failed'), one('x'.repeat(400)), one('  ')]);
  expect(hearsayOf([log])).toEqual([
    'keep (by val_bpb) · a b c',
    'not correct (by val_bpb) · wrong',
    `discard (by val_bpb) · ${'x'.repeat(300)}…`,
  ]);
  expect(hearsayOf([logOf([one('fast', 'measured')], null)])).toEqual(['correct, who knows whether kept · fast']);
});

it('tells why an idea went wrong where that was noted, on the same line and no longer than the rest', () => {
  const noted = {
    ...one('wider'),
    notes: ['rollback_reason: ran\nout of memory', 'next_action_hint: halve the batch'],
  };
  expect(hearsayOf([logOf([noted, { ...one('deeper'), notes: ['y'.repeat(400)] }])])).toEqual([
    'discard (by val_bpb) · wider · rollback_reason: ran out of memory; next_action_hint: halve the batch',
    `discard (by val_bpb) · deeper · ${'y'.repeat(300)}…`,
  ]);
});

it('leaves out what never got a verdict, and says once what a log that has grown has twice', () => {
  const first = [one('a'), one('b', 'dropped'), one('c', 'failed'), one('d', 'undecided')];
  expect(hearsayOf([logOf(first), logOf([...first, one('e')])])).toEqual([
    'discard (by val_bpb) · a',
    'discard (by val_bpb) · e',
  ]);
});

it('tells of a long log the kept ones and the newest, in their order', () => {
  const many = Array.from({ length: 1000 }, (_none, k) => one(`idea ${k}`, k % 100 === 0 ? 'keep' : 'discard'));
  const lines = hearsayOf([logOf(many)]);
  expect(lines).toHaveLength(200);
  expect(lines.filter((line) => line.startsWith('keep'))).toHaveLength(10);
  expect([lines[0], lines.at(-1)]).toEqual(['keep (by val_bpb) · idea 0', 'discard (by val_bpb) · idea 999']);
});
