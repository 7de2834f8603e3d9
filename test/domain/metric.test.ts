import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { gainOver, readMetric, scoreOf } from '../../src/domain/metric.ts';

const last = (text: string) => readMetric(text, 'total_ms', { summary: false, last: true });
const read = (text: string) => readMetric(text, 'val_bpb', { summary: true });

it('reads METRIC lines and summary lines, with every other number beside the metric', () => {
  expect(read('noise\nMETRIC val_bpb=2.5\nMETRIC steps=100\n')).toEqual({
    kind: 'value',
    value: 2.5,
    metrics: { val_bpb: 2.5, steps: 100 },
  });
  expect(read('---\nval_bpb:          0.997900\npeak_vram_mb:     45060.2\n')).toMatchObject({
    value: 0.9979,
    metrics: { peak_vram_mb: 45060.2 },
  });
});

it('reads a number with `%` or `x` behind it in a summary, and there alone', () => {
  expect(read('val_bpb: 19.0%\nspeedup: 1.200x\nflag: 0x10\nsize: x\nload: .5.%\nMETRIC share=5%\n')).toEqual({
    kind: 'value',
    value: 19,
    metrics: { val_bpb: 19, speedup: 1.2, flag: 16 },
  });
  expect(read('val_bpb: 19\nval_bpb: 19.0%\n')).toMatchObject({ value: 19 });
});

it('takes \\r for a line end, as progress bars write it', () => {
  expect(read('step 1\rstep 2\rMETRIC val_bpb=1.5\rdone')).toMatchObject({ value: 1.5 });
});

it('takes one number written in two ways for one', () => {
  expect(read('METRIC val_bpb=1.5\nval_bpb: 1.50\nval_bpb: 15e-1\n')).toMatchObject({ value: 1.5 });
  expect(read('METRIC val_bpb=1.5\nval_bpb: nan\n').kind).toBe('none');
});

it("reads no summary lines out of a scorer's words", () => {
  expect(readMetric('val_bpb: 1\n', 'val_bpb', { summary: false }).kind).toBe('none');
});

it.each([
  ['', 'Expected a line with `val_bpb`, got none.'],
  [
    'METRIC val_loss=1\nsteps: 7\n',
    'Expected a line with `val_bpb`, got none; there are lines with `val_loss`, `steps`.',
  ],
  [
    'abcdef'.replaceAll(/./g, 'METRIC $&=1\n'),
    'Expected a line with `val_bpb`, got none; there are lines with `a`, `b`, `c`, `d`, `e` and others.',
  ],
  ['METRIC val_bpb=nan\n', 'Expected `val_bpb` to be a finite number, got nan.'],
  ['METRIC val_bpb=inf\n', 'Expected `val_bpb` to be a finite number, got inf.'],
  ['METRIC val_bpb=1e999\n', 'Expected `val_bpb` to be a finite number, got 1e999.'],
  ['METRIC val_bpb=low\n', 'Expected `val_bpb` to be a finite number, got low.'],
  ['METRIC val_bpb=1\nMETRIC val_bpb=2\n', 'Expected `val_bpb` once, got it with different values: 1, 2.'],
])('says why %j has no value', (text, reason) => {
  expect(read(text)).toEqual({ kind: 'none', reason });
});

it('accepts the same value said twice', () => {
  expect(read('METRIC val_bpb=1.25\nval_bpb: 1.25\n')).toMatchObject({ value: 1.25 });
});

it('takes the last of several where the program says that it is meant, a number or not', () => {
  expect(last('METRIC total_ms=15.2\nMETRIC total_ms=14.9\ntotal_ms: 15\n')).toMatchObject({ value: 14.9 });
  expect(last('METRIC total_ms=nan\nMETRIC total_ms=14.9\n')).toMatchObject({ value: 14.9 });
  expect(last('METRIC total_ms=14.9\nMETRIC total_ms=nan\n')).toEqual({
    kind: 'none',
    reason: 'Expected `total_ms` to be a finite number, got nan.',
  });
});

it('never lets a name reach an object’s insides', () => {
  expect(read('METRIC __proto__=1\nMETRIC constructor=2\nMETRIC val_bpb=3\n')).toEqual({
    kind: 'value',
    value: 3,
    metrics: { val_bpb: 3 },
  });
});

it('finds any finite value whatever stands around it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.array(fc.string()), (value, words) => {
      const around = words.map((word) => word.replaceAll(/val_bpb|METRIC/g, '')).join('\n');
      expect(read(`${around}\nMETRIC val_bpb=${value}\n${around}`)).toMatchObject({ kind: 'value', value: value + 0 });
    }),
  );
});

it('orients scores and gains by the direction', () => {
  expect(scoreOf(2, 'maximize')).toBe(-2);
  expect(gainOver(3, 2, 'minimize')).toBe(1);
  expect(gainOver(3, 2, 'maximize')).toBe(-1);
});
