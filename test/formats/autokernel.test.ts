import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autokernelOf, priorOfAutokernel, readAutokernel, writeAutokernel } from '../../src/formats/autokernel.ts';
import { OPEN, TRIAL, ledger, record } from '../cli/samples.ts';
import { oneLine, positive } from './arbitraries.ts';
import { problemsOf } from './problems.ts';

const HEADER =
  'experiment\ttag\tkernel_type\tthroughput_tflops\tlatency_us\tpct_peak\tspeedup_vs_pytorch\tcorrectness\tpeak_vram_mb\tdescription';
const GOOD = '0\tbase\tmatmul\t55.200\t312.40\t18.3%\t0.310x\tPASS\t128.5\tbaseline';
const file = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

const number = (digits: number, sign = '') =>
  fc.oneof(
    positive.map((value) => `${value.toFixed(digits)}${sign}`),
    fc.constantFrom('', '0.0'),
  );
const row = fc
  .tuple(
    fc.nat(9999).map(String),
    oneLine.map((text) => text.replaceAll('\t', ' ')),
    fc.constantFrom('matmul', 'softmax', 'flash_attention'),
    positive.map((value) => value.toFixed(3)),
    number(2),
    number(1, '%'),
    number(3, 'x'),
    fc.constantFrom('PASS', 'FAIL', 'TIMEOUT', 'CRASH'),
    number(1),
    oneLine,
  )
  .map((cells) => cells.join('\t'));
const rows = fc.array(row, { maxLength: 20 });

describe('results.tsv of AutoKernel', () => {
  it('comes out byte for byte as it was read', () => {
    fc.assert(
      fc.property(rows, (lines) => {
        expect(writeAutokernel(readAutokernel(file(...lines)))).toBe(file(...lines));
      }),
    );
    fc.assert(
      fc.property(rows, (lines) => {
        const text = file(...lines);
        expect(readAutokernel(text.replaceAll('\n', '\r\n'))).toEqual(readAutokernel(text));
      }),
    );
  });

  it('names each corrupt line by its number, with all that is wrong with it', () => {
    const broken = '1.5\tx\t\tfast\t1e999\t9 percent\t2y\tOK\t-\tx';
    expect(
      problemsOf(() => readAutokernel(file(GOOD, broken, GOOD.replace('\t128.5', '')))).map((text) =>
        text.slice(0, 45),
      ),
    ).toEqual([
      'Line 3: Expected `experiment` to be a whole n',
      'Line 3: Expected `kernel_type` to name a kern',
      'Line 3: Expected `throughput_tflops` to be a ',
      'Line 3: Expected `latency_us` to be a number ',
      'Line 3: Expected `pct_peak` to be a number or',
      'Line 3: Expected `speedup_vs_pytorch` to be a',
      'Line 3: Expected `peak_vram_mb` to be a numbe',
      'Line 3: Expected `correctness` to be one of P',
      'Line 4: Expected ten columns between tabs, go',
    ]);
    expect(problemsOf(() => readAutokernel(file(GOOD.replace('55.200', '0.000'))))).toEqual([
      'Line 2: Expected a kernel that passed to have a throughput, got "0.000".',
    ]);
    expect(problemsOf(() => readAutokernel(GOOD))).toEqual([expect.stringContaining('Expected the first line to be')]);
  });

  it('is a segment for each kernel, and never says that a kernel which passed was kept', () => {
    const text = file(
      GOOD,
      '1\tb\tsoftmax\t1.5\t\t\t\tFAIL\t\tfast\tbut wrong',
      '2\tc\tmatmul\t0.000\t0.00\t0.0\t0.000\tTIMEOUT\t0.0\thung',
      '3\td\tmatmul\t\t\t\t\tCRASH\t\tno such op',
    );
    expect(priorOfAutokernel(readAutokernel(text)).segments).toMatchObject([
      {
        name: 'matmul',
        metric: 'throughput_tflops',
        direction: 'maximize',
        experiments: [
          {
            number: 0,
            verdict: 'measured',
            value: 55.2,
            commit: null,
            metrics: { latency_us: 312.4, pct_peak: 18.3, speedup_vs_pytorch: 0.31, peak_vram_mb: 128.5 },
          },
          { number: 2, verdict: 'crash', value: null, metrics: {} },
          { number: 3, verdict: 'crash', value: null },
        ],
      },
      { name: 'softmax', experiments: [{ verdict: 'checks_failed', value: 1.5, description: 'fast\tbut wrong' }] },
    ]);
  });
});

const crash = (kind: 'timeout' | 'import') =>
  record(3, {
    verdict: 'crash',
    value: null,
    trials: [{ ...TRIAL, value: null, crash: { class: kind, fault: 'idea' } }],
  });

describe('a ledger as results.tsv of AutoKernel', () => {
  const task = { ...OPEN.task, name: 'matmul', metric: { name: 'throughput_tflops', direction: 'maximize' as const } };
  const open = { ...OPEN, task };
  const measured = { ...TRIAL, metrics: { latency_us: 300.126, pct_peak_compute: 19, peak_vram_mb: 128 } };

  it('has PASS, FAIL, TIMEOUT and CRASH for what was measured, wrong, hung and broken', () => {
    const records = [
      record(1, { value: 60.12345, trials: [measured] }),
      record(2, { verdict: 'discard', trials: [{ ...measured, failedCheck: 'wrong' }] }),
      crash('timeout'),
      { ...crash('import'), experiment: 4 },
    ];
    const text = writeAutokernel(autokernelOf(ledger(records), open));
    expect(text.split('\n').slice(2, -1)).toEqual([
      '1\tbyte-lm-nov23\tmatmul\t60.123\t300.13\t19.0\t\tPASS\t128.0\tLEARNING_RATE 0.001 -> 0.0023',
      '2\tbyte-lm-nov23\tmatmul\t2.791\t300.13\t19.0\t\tFAIL\t128.0\tLEARNING_RATE 0.001 -> 0.0023',
      '3\tbyte-lm-nov23\tmatmul\t0.000\t0.00\t0.0\t0.000\tTIMEOUT\t0.0\tLEARNING_RATE 0.001 -> 0.0023',
      '4\tbyte-lm-nov23\tmatmul\t0.000\t0.00\t0.0\t0.000\tCRASH\t0.0\tLEARNING_RATE 0.001 -> 0.0023',
    ]);
    expect(writeAutokernel(readAutokernel(text))).toBe(text);
  });

  it('is refused for a metric that has no column there', () => {
    expect(problemsOf(() => autokernelOf(ledger([]), OPEN))).toEqual([
      expect.stringContaining('got val_bpb; use another form, such as csv.'),
    ]);
  });
});
