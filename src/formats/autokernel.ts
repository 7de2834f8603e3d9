// AutoKernel's results.tsv: ten columns, one row for each experiment on a kernel. It says whether a kernel was correct,
// not whether it was kept.
import { InvalidInput } from '../domain/invalid-input.ts';
import type { Ledger, OpenEvent } from '../domain/ledger.ts';
import type { PriorExperiment, PriorLog } from '../domain/prior.ts';
import { decimals, inOneCell, numberIn } from './cells.ts';
import { failedCheckOf, peakVramMbOf, rowsOf, valueName, type LedgerRow } from './ledger-rows.ts';
import { linesOf, needNone, readEach, type LogLine } from './log-lines.ts';

const METRIC = 'throughput_tflops';
const COLUMNS = [
  'experiment',
  'tag',
  'kernel_type',
  METRIC,
  'latency_us',
  'pct_peak',
  'speedup_vs_pytorch',
  'correctness',
  'peak_vram_mb',
  'description',
] as const;
type Column = (typeof COLUMNS)[number];

/** The first line of every such file. */
export const AUTOKERNEL_HEADER = COLUMNS.join('\t');

/** With so many decimals they are printed. */
const NUMBERS = { [METRIC]: 3, latency_us: 2, pct_peak: 1, speedup_vs_pytorch: 3, peak_vram_mb: 1 } as const;
type NumberColumn = keyof typeof NUMBERS;
const NUMBER_COLUMNS = [METRIC, 'latency_us', 'pct_peak', 'speedup_vs_pytorch', 'peak_vram_mb'] as const;

const CORRECTNESS = ['PASS', 'FAIL', 'TIMEOUT', 'CRASH'] as const;
type Correctness = (typeof CORRECTNESS)[number];
const VERDICT = { PASS: 'measured', FAIL: 'checks_failed', TIMEOUT: 'crash', CRASH: 'crash' } as const;

/** A row: every cell as it was written, so that nothing of it is lost. */
export type AutokernelRow = Readonly<Record<Column, string>>;

/** Reads a results.tsv of AutoKernel; throws `InvalidInput` that names every line which is no row. */
export function readAutokernel(text: string): readonly AutokernelRow[] {
  const [header, ...lines] = linesOf(text);
  if (header?.text !== AUTOKERNEL_HEADER)
    throw new InvalidInput(`Expected the first line to be ${COLUMNS.join(', ')}, between tabs.`);
  return readEach(lines, readRow);
}

function readRow({ text }: LogLine): AutokernelRow {
  const cells = text.split('\t');
  if (cells.length < COLUMNS.length)
    throw new InvalidInput(
      `Expected ten columns between tabs, got ${cells.length}: ${JSON.stringify(text.slice(0, 80))}.`,
    );
  const last = COLUMNS.length - 1;
  const cell = (column: Column): string => cells[COLUMNS.indexOf(column)] ?? '';
  // A description may hold tabs: it is the last column, and those before it are checked.
  const row = { ...rowOf(cell), description: cells.slice(last).join('\t') };
  needNone([
    !/^\d{1,9}$/.test(row.experiment) &&
      `Expected \`experiment\` to be a whole number, got ${JSON.stringify(row.experiment)}.`,
    row.kernel_type.trim() === '' && 'Expected `kernel_type` to name a kernel, got nothing.',
    ...NUMBER_COLUMNS.map(
      (column) =>
        numberOf(row, column) === undefined &&
        `Expected \`${column}\` to be a number or empty, got ${JSON.stringify(row[column])}.`,
    ),
    correctnessOf(row) === undefined &&
      `Expected \`correctness\` to be one of ${CORRECTNESS.join(', ')}; got ${JSON.stringify(row.correctness)}.`,
    // Where another number is optimised, nobody may have printed it; but theirs writes 0 for what does not run.
    correctnessOf(row) === 'PASS' &&
      numberOf(row, METRIC) === 0 &&
      `Expected a kernel that passed to have a throughput, got ${JSON.stringify(row[METRIC])}.`,
  ]);
  return row;
}

const rowOf = (cell: (column: Column) => string): AutokernelRow => ({
  experiment: cell('experiment'),
  tag: cell('tag'),
  kernel_type: cell('kernel_type'),
  throughput_tflops: cell('throughput_tflops'),
  latency_us: cell('latency_us'),
  pct_peak: cell('pct_peak'),
  speedup_vs_pytorch: cell('speedup_vs_pytorch'),
  correctness: cell('correctness'),
  peak_vram_mb: cell('peak_vram_mb'),
  description: cell('description'),
});

const correctnessOf = ({ correctness }: AutokernelRow): Correctness | undefined =>
  CORRECTNESS.find((word) => word === correctness.trim());

/** Null for an empty cell, undefined for what is no number. The benchmark prints `%` and `x` behind two of them. */
function numberOf(row: AutokernelRow, column: NumberColumn): number | null | undefined {
  const text = row[column].trim();
  if (text === '') return null;
  const sign = column === 'pct_peak' ? '%' : column === 'speedup_vs_pytorch' ? 'x' : '';
  return numberIn(sign !== '' && text.endsWith(sign) ? text.slice(0, -1) : text);
}

/** Writes a results.tsv of AutoKernel: what was read comes out as it was. */
export function writeAutokernel(rows: readonly AutokernelRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => row[column]).join('\t'));
  return `${[AUTOKERNEL_HEADER, ...lines].join('\n')}\n`;
}

/** A results.tsv of AutoKernel as what was tried before: a segment for each kernel, in the order in which they come. */
export function priorOfAutokernel(rows: readonly AutokernelRow[]): PriorLog {
  const kernels = [...new Set(rows.map(({ kernel_type }) => kernel_type))];
  const byKernel = new Map<string, PriorExperiment[]>(kernels.map((kernel) => [kernel, []]));
  for (const row of rows) byKernel.get(row.kernel_type)?.push(experimentOf(row));
  const segments = [...byKernel].map(([name, experiments]) => ({
    name,
    metric: METRIC,
    unit: '',
    direction: 'maximize' as const,
    experiments,
  }));
  return { version: 1, format: 'autokernel', segments };
}

function experimentOf(row: AutokernelRow): PriorExperiment {
  const verdict = VERDICT[correctnessOf(row) ?? 'CRASH'];
  const others = NUMBER_COLUMNS.filter((column) => column !== METRIC);
  const metrics = others.flatMap((column): [string, number][] => {
    const value = numberOf(row, column);
    return value === null || value === undefined ? [] : [[column, value]];
  });
  return {
    number: Number(row.experiment),
    commit: null,
    verdict,
    value: verdict === 'crash' ? null : numberOf(row, METRIC) || null,
    metrics: verdict === 'crash' ? {} : Object.fromEntries(metrics),
    description: row.description,
  };
}

/** A ledger as a results.tsv of AutoKernel. Throws `InvalidInput` where its metric has no column. */
export function autokernelOf(ledger: Ledger, open: OpenEvent): readonly AutokernelRow[] {
  const { name } = open.task;
  const metric = valueName(open.task);
  const own = NUMBER_COLUMNS.find((column) => column === metric);
  if (own === undefined)
    throw new InvalidInput(
      `Expected a metric that AutoKernel has a column for (${NUMBER_COLUMNS.join(', ')}), got ${metric}; use another form, such as csv.`,
    );
  return rowsOf(ledger, open).map((row) => {
    const [said, correctness] = [trialMetrics(row), wordFor(row)];
    const number = (column: NumberColumn): string => {
      if (row.verdict === 'crash') return decimals(0, NUMBERS[column]);
      const value = column === own ? row.value : said(column);
      const isUnsaid = value === null || (column === METRIC && value === 0 && correctness === 'PASS');
      return isUnsaid ? '' : decimals(value, NUMBERS[column]);
    };
    return {
      experiment: String(row.experiment),
      tag: open.tag,
      kernel_type: inOneCell(name),
      throughput_tflops: number(METRIC),
      latency_us: number('latency_us'),
      pct_peak: number('pct_peak'),
      speedup_vs_pytorch: number('speedup_vs_pytorch'),
      correctness,
      peak_vram_mb: number('peak_vram_mb'),
      description: inOneCell(row.description),
    };
  });
}

/** What the candidate's last trial printed, by their column. */
function trialMetrics(row: LedgerRow): (column: NumberColumn) => number | null {
  const metrics = row.trials.findLast(({ role }) => role === 'candidate' || role === 'baseline')?.metrics ?? {};
  return (column) => {
    if (column === 'peak_vram_mb') return peakVramMbOf(row);
    return metrics[column === 'pct_peak' ? 'pct_peak_compute' : column] ?? metrics[column] ?? null;
  };
}

function wordFor(row: LedgerRow): Correctness {
  if (row.verdict === 'quarantine' || failedCheckOf(row) !== undefined) return 'FAIL';
  if (row.verdict !== 'crash') return 'PASS';
  const kind = row.trials.at(-1)?.crash?.class;
  return kind === 'timeout' || kind === 'stall' ? 'TIMEOUT' : 'CRASH';
}
