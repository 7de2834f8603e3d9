import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenEvent } from '../../src/domain/ledger.ts';
import type { Task } from '../../src/domain/task.ts';
import { readLog } from '../../src/formats/read-log.ts';
import { karpathyOf, priorOfKarpathy, readKarpathy, writeKarpathy } from '../../src/formats/karpathy.ts';
import { OPEN, TRIAL, ledger, record } from '../cli/samples.ts';
import { commit, oneLine, positive } from './arbitraries.ts';
import { problemsOf } from './problems.ts';

const HEADER = 'commit\tval_bpb\tmemory_gb\tstatus\tdescription';
const GOOD = 'a1b2c3d\t0.997900\t44.0\tkeep\tbaseline';
const file = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

const row = fc
  .record({ commit, value: positive, memoryGb: fc.double({ min: 0, max: 900, noNaN: true }), description: oneLine })
  .chain(({ value, memoryGb, ...rest }) =>
    fc.constantFrom('keep', 'discard', 'crash').map((status) => ({
      ...rest,
      status,
      value: status === 'crash' ? '0.000000' : value.toFixed(6),
      memoryGb: (status === 'crash' ? 0 : memoryGb).toFixed(1),
    })),
  )
  .map(({ commit: sha, value, memoryGb, status, description }) =>
    [sha, value, memoryGb, status, description].join('\t'),
  );
const rows = fc.array(row, { maxLength: 30 });

describe('results.tsv of karpathy/autoresearch', () => {
  it('comes out byte for byte as it was read, whatever stands in a description', () => {
    fc.assert(
      fc.property(rows, (lines) => {
        expect(writeKarpathy(readKarpathy(file(...lines)))).toBe(file(...lines));
      }),
    );
  });

  it('reads the same with CRLF, with blank lines and without a last newline', () => {
    fc.assert(
      fc.property(rows, (lines) => {
        const text = file(...lines);
        expect(readKarpathy(text.replaceAll('\n', '\r\n'))).toEqual(readKarpathy(text));
        expect(readKarpathy(`\n${text.replaceAll('\n', '\n\n').replace(/\n+$/, '')}`).rows.length).toBe(lines.length);
      }),
    );
  });

  it('names each corrupt line by its number, and no other', () => {
    const bad = fc.constantFrom(
      'a1b2c3d\t0.99\t44.0\tkeep',
      'a1b2c3d\t0.99\t44.0\tKept\tx',
      'a1b2c3d\t0.99\t44.0\t\tx',
      'a1b2c3d\tnan\t44.0\tkeep\tx',
      'a1b2c3d\t1e999\t44.0\tkeep\tx',
      'a1b2c3d\t0x10\t44.0\tkeep\tx',
      'a1b2c3d\t0.99\t-1\tkeep\tx',
      'a1b2c3d\t0.99\t\tkeep\tx',
      'latest!\t0.99\t44.0\tkeep\tx',
      'a1b2c3d\t0.000000\t0.0\tkeep\tx',
      'a1b2c3d\t1.5\t0.0\tcrash\tx',
      'a1b2c3d,0.99,44.0,keep,commas',
      'Traceback (most recent call last):',
    );
    fc.assert(
      fc.property(rows, rows, bad, rows, bad, (first, second, one, third, two) => {
        const problems = problemsOf(() => readKarpathy(file(...first, ...second, one, ...third, two)));
        const at = first.length + second.length + 2;
        const wrong = [at, at + third.length + 1].map((line) => `Line ${line}: Expected `);
        expect(problems.map((text) => wrong.find((start) => text.startsWith(start)))).not.toContain(undefined);
        for (const start of wrong) expect(problems.some((text) => text.startsWith(start))).toBe(true);
      }),
    );
  });

  it('says all that is wrong with a line in whole sentences', () => {
    expect(problemsOf(() => readKarpathy(file(GOOD, 'latest\tnan\tmuch\tkept\tx')))).toEqual([
      'Line 3: Expected `commit` to be 7 to 40 hexadecimal digits, got "latest".',
      'Line 3: Expected the value to be a finite number, got "nan".',
      'Line 3: Expected `memory_gb` to be a number of at least 0, got "much".',
      'Line 3: Expected `status` to be one of keep, discard, crash; got "kept".',
    ]);
    const many = problemsOf(() => readKarpathy(file(...Array.from({ length: 900 }, () => 'x'))));
    expect([many.length, many.at(-1)]).toEqual([51, 'And 850 more like these.']);
  });

  it('has no value for 0.000000, keeps a crash that comes first, and knows the metric of a fork by its header', () => {
    const text = file('a1b2c3d\t0.000000\t0.0\tcrash\tOOM', GOOD, 'b1b2c3d\t0.000000\t0.0\tdiscard\ttoo slow');
    expect(priorOfKarpathy(readKarpathy(text))).toMatchObject({
      segments: [
        {
          metric: 'val_bpb',
          direction: 'minimize',
          experiments: [
            { number: 1, verdict: 'crash', value: null, metrics: {} },
            { number: 2, verdict: 'keep', value: 0.9979, metrics: { memory_gb: 44 }, commit: 'a1b2c3d' },
            { number: 3, verdict: 'discard', value: null },
          ],
        },
      ],
    });
    const fork = priorOfKarpathy(readKarpathy(text.replace('val_bpb', 'step_ms')));
    expect(fork.segments[0]).toMatchObject({ metric: 'step_ms', unit: 'ms', direction: null });
  });

  it('is refused without its header, or with a metric that cannot be one', () => {
    for (const header of [GOOD, HEADER.replaceAll('\t', ','), HEADER.replace('val_bpb', '__proto__'), ''])
      expect(problemsOf(() => readKarpathy(`${header}\n${GOOD}\n`))).toEqual([
        expect.stringContaining('Expected the first line to be commit, val_bpb, memory_gb, status, description'),
      ]);
  });
});

/** A session of another metric. */
const openOf = (metric: Task['metric'], more: Partial<Task> = {}): OpenEvent => ({
  ...OPEN,
  task: { ...OPEN.task, metric, ...more },
});

describe('a ledger as results.tsv', () => {
  it('is read back with what the format can hold: six decimals, three words, one line of text', () => {
    const experiment = fc.record({
      verdict: fc.constantFrom('keep' as const, 'discard' as const, 'crash' as const, 'quarantine' as const),
      value: fc.oneof(positive, fc.constantFrom(1e-9, 1e21, -3.25)),
      hypothesis: oneLine,
    });
    fc.assert(
      fc.property(fc.array(experiment, { maxLength: 10 }), (experiments) => {
        const records = experiments.map(({ verdict, value, hypothesis }, k) =>
          record(k + 1, { verdict, hypothesis, value: verdict === 'crash' ? null : value }),
        );
        const written = writeKarpathy(karpathyOf(ledger(records), OPEN));
        const [{ experiments: read } = { experiments: [] }] = priorOfKarpathy(readKarpathy(written)).segments;
        expect(read.length).toBe(records.length + 1);
        for (const [k, { verdict, value, hypothesis }] of records.entries()) {
          expect(read[k + 1]?.verdict).toBe(verdict === 'quarantine' ? 'discard' : verdict);
          expect(read[k + 1]?.description).toBe(hypothesis.replaceAll(/\s+/g, ' ').trim() || '(none)');
          expect(read[k + 1]?.value === null).toBe(value === null);
          expect(read[k + 1]?.value ?? 0).toBeCloseTo(value ?? 0, 6);
        }
      }),
    );
  });

  it('calls the value by the name of the metric, as forks do, and never says that less of it is better', () => {
    const records = [record(1, { value: 0.91 }), record(2, { value: 0.93 })];
    const open = openOf({ name: 'val_acc', direction: 'maximize' });
    const written = writeKarpathy(karpathyOf(ledger(records), open));
    expect(written.split('\n')[0]).toBe('commit\tval_acc\tmemory_gb\tstatus\tdescription');
    expect(readLog(written).segments).toMatchObject([{ metric: 'val_acc', direction: null }]);
    const timed = openOf({ name: 'seconds', direction: 'minimize' }, { target: 'val_bpb <= 3' });
    expect(karpathyOf(ledger(records), timed).metric).toBe('seconds');
  });

  it('calls the logarithm of a ratio to the baseline what it is', () => {
    const score = { run: 'bench', seconds: 9, sealed: false, paired: 10 };
    const open = openOf({ name: 'latency_ms', direction: 'minimize' }, { score });
    const written = writeKarpathy(karpathyOf(ledger([record(1, { value: -0.0513 })]), open));
    expect(readLog(written).segments).toMatchObject([{ metric: 'latency_ms_log_ratio', unit: '', direction: null }]);
  });

  it('refuses a val_bpb of which more is better, which the format cannot say', () => {
    expect(
      problemsOf(() => karpathyOf(ledger([record(1)]), openOf({ name: 'val_bpb', direction: 'maximize' }))),
    ).toEqual([
      'Expected `val_bpb` to be minimised, as results.tsv has it, got it maximised; use another form, such as csv.',
    ]);
  });

  it('refuses a value of 0, which it could not tell from a crash', () => {
    const zero = ledger([record(1, { value: 0, trials: [{ ...TRIAL, value: 0 }] })]);
    expect(problemsOf(() => karpathyOf(zero, OPEN))).toEqual([
      'Expected no value to be 0, which results.tsv has for a crash, got that in experiment 1; use another form, such as csv.',
    ]);
  });
});
