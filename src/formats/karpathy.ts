// karpathy/autoresearch's results.tsv: five columns, a crash written as 0.000000 and 0.0, the baseline as the first kept
// row. The value's column is called val_bpb, of which less is better, or by forks as their metric is called; of such a one
// the file does not say what is better.
import { InvalidInput } from '../domain/invalid-input.ts';
import type { Ledger, OpenEvent } from '../domain/ledger.ts';
import { isMetricName } from '../domain/metric.ts';
import type { PriorExperiment, PriorLog } from '../domain/prior.ts';
import { commitIn, decimals, inOneCell, numberIn, unitOf } from './cells.ts';
import { peakVramMbOf, rowsOf, valueName } from './ledger-rows.ts';
import { linesOf, needNone, readEach, type LogLine } from './log-lines.ts';

const METRIC = 'val_bpb';
const STATUSES = ['keep', 'discard', 'crash'] as const;
type Status = (typeof STATUSES)[number];

/** A row; numbers stand as they were written, so that nothing of them is lost. */
export interface KarpathyRow {
  readonly commit: string;
  readonly value: string;
  readonly memoryGb: string;
  readonly status: string;
  readonly description: string;
}

/** A results.tsv; `metric` is what its second column is called. */
export interface KarpathyLog {
  readonly metric: string;
  readonly rows: readonly KarpathyRow[];
}

/** The metric of a results.tsv by its first line; undefined for another file. */
export function karpathyMetric(header: string): string | undefined {
  const metric = /^commit\t([^\t]+)\tmemory_gb\tstatus\tdescription$/.exec(header)?.[1];
  return metric !== undefined && isMetricName(metric) ? metric : undefined;
}

/** Reads a results.tsv; throws `InvalidInput` that names every line which is no row. */
export function readKarpathy(text: string): KarpathyLog {
  const [header, ...lines] = linesOf(text);
  const metric = karpathyMetric(header?.text ?? '');
  if (metric === undefined)
    throw new InvalidInput(
      `Expected the first line to be commit, ${METRIC}, memory_gb, status, description, between tabs, got ${JSON.stringify(header?.text.slice(0, 80) ?? '')}.`,
    );
  return { metric, rows: readEach(lines, readRow) };
}

function readRow({ text }: LogLine): KarpathyRow {
  // A description may hold tabs: it is the last column, and the four before it are checked.
  const [commit, value, memoryGb, status, ...description] = text.split('\t');
  if (
    commit === undefined ||
    value === undefined ||
    memoryGb === undefined ||
    status === undefined ||
    description.length === 0
  )
    throw new InvalidInput(`Expected five columns between tabs, got ${JSON.stringify(text.slice(0, 80))}.`);
  const [number, memory, kind] = [numberIn(value), numberIn(memoryGb), statusOf(status)];
  needNone([
    commitIn(commit) === null && `Expected \`commit\` to be 7 to 40 hexadecimal digits, got ${JSON.stringify(commit)}.`,
    number === undefined && `Expected the value to be a finite number, got ${JSON.stringify(value)}.`,
    (memory === undefined || memory < 0) &&
      `Expected \`memory_gb\` to be a number of at least 0, got ${JSON.stringify(memoryGb)}.`,
    kind === undefined && `Expected \`status\` to be one of ${STATUSES.join(', ')}; got ${JSON.stringify(status)}.`,
    kind === 'keep' &&
      number === 0 &&
      `Expected a row that was kept to have a value, got ${value}, which means a crash.`,
    kind === 'crash' &&
      number !== undefined &&
      number !== 0 &&
      `Expected the value of a crash to be 0.000000, got ${value}.`,
  ]);
  return { commit, value, memoryGb, status, description: description.join('\t') };
}

/** Their notebook takes capitals too. */
const statusOf = (text: string): Status | undefined => STATUSES.find((status) => status === text.trim().toLowerCase());

/** Writes a results.tsv: what was read comes out as it was. */
export function writeKarpathy({ metric, rows }: KarpathyLog): string {
  const header = ['commit', metric, 'memory_gb', 'status', 'description'];
  const cells = rows.map(({ commit, value, memoryGb, status, description }) =>
    [commit, value, memoryGb, status, description].join('\t'),
  );
  return `${[header.join('\t'), ...cells].join('\n')}\n`;
}

/** A results.tsv as what was tried before. */
export function priorOfKarpathy({ metric, rows }: KarpathyLog): PriorLog {
  const experiments = rows.map((row, k): PriorExperiment => {
    const verdict = statusOf(row.status) ?? 'crash';
    const value = numberIn(row.value) ?? 0;
    const metrics = verdict === 'crash' ? {} : { memory_gb: numberIn(row.memoryGb) ?? 0 };
    const { commit, description } = row;
    return {
      number: k + 1,
      commit: commitIn(commit),
      verdict,
      value: value === 0 ? null : value,
      metrics,
      description,
    };
  });
  const direction = metric === METRIC ? 'minimize' : null;
  return {
    version: 1,
    format: 'karpathy',
    segments: [{ name: '', metric, unit: unitOf(metric), direction, experiments }],
  };
}

/**
 * A ledger as a results.tsv. Throws `InvalidInput` for a value of 0, which would be read as none, and for a `val_bpb` of
 * which more is better.
 */
export function karpathyOf(ledger: Ledger, open: Pick<OpenEvent, 'base' | 'task'>): KarpathyLog {
  const rows = rowsOf(ledger, open);
  const metric = valueName(open.task);
  needNone([
    metric === METRIC &&
      open.task.metric.direction === 'maximize' &&
      `Expected \`${METRIC}\` to be minimised, as results.tsv has it, got it maximised; use another form, such as csv.`,
    ...rows.map(
      ({ value, experiment }) =>
        value === 0 &&
        `Expected no value to be 0, which results.tsv has for a crash, got that in experiment ${experiment}; use another form, such as csv.`,
    ),
  ]);
  return {
    metric,
    rows: rows.map((row) => ({
      commit: row.commit.slice(0, 7),
      value: row.verdict === 'crash' ? decimals(0, 6) : decimals(row.value ?? 0, 6),
      memoryGb: (row.verdict === 'crash' ? 0 : peakVramMbOf(row) / 1024).toFixed(1),
      status: row.verdict === 'quarantine' ? 'discard' : row.verdict,
      description: inOneCell(row.description) || '(none)',
    })),
  };
}
