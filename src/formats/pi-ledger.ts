// A ledger as pi-autoresearch's log.jsonl has it, and what its commits say of what is kept.
import type { HookRun } from '../domain/hook.ts';
import type { Ledger, OpenEvent } from '../domain/ledger.ts';
import { inOneCell, unitOf } from './cells.ts';
import { failedCheckOf, rowsOf, valueName, type LedgerRow } from './ledger-rows.ts';
import type { Config, Hook, PiLine, Run } from './pi.ts';

/** What its commits of what is kept have as their trailer `Result:`. */
export function resultOf({ value, trials }: Pick<LedgerRow, 'value' | 'trials'>, metric: string): string {
  return JSON.stringify({ status: 'keep', [metric]: value, ...othersOf(trials, metric) });
}

/** The metrics beside the one that is optimised, as the last trial of its own had them. */
function othersOf(trials: LedgerRow['trials'], metric: string): Record<string, number> {
  const own = trials.findLast(({ role }) => role === 'candidate' || role === 'baseline')?.metrics ?? {};
  return Object.fromEntries(Object.entries(own).filter(([name]) => name !== metric));
}

/** A ledger as a log.jsonl of one segment; what it has no place for stands in `asi`. */
export function piOf(ledger: Ledger, open: OpenEvent): readonly PiLine[] {
  const rows = rowsOf(ledger, open);
  const runs = runsOf(ledger, open).map((line, k) => ({
    kind: 'run' as const,
    line,
    at: 3 * (rows[k]?.experiment ?? 0) + 1,
  }));
  // Around the run that each is about, which may have none.
  const hooks = (ledger.hooks ?? []).map((hook) => ({
    kind: 'hook' as const,
    line: hookLineOf(hook),
    at: 3 * hook.experiment + (hook.stage === 'before' ? 0 : 2),
  }));
  const lines = [...runs, ...hooks]
    .toSorted((left, right) => left.at - right.at)
    .map(({ at: _place, ...line }) => line);
  return [{ kind: 'config', line: configOf(open) }, ...lines];
}

/** The config line of a session. */
export function configOf({ task }: OpenEvent): Config {
  const [metricName, unit] = [valueName(task), task.score?.paired === undefined ? task.metric.unit : undefined];
  return {
    type: 'config',
    name: task.name,
    metricName,
    metricUnit: unit ?? unitOf(metricName),
    bestDirection: task.metric.direction === 'minimize' ? 'lower' : 'higher',
  };
}

/** The run lines of a ledger, one for each of its rows. */
export const runsOf = (ledger: Ledger, open: OpenEvent): readonly Run[] =>
  rowsOf(ledger, open).map((row, k) => runOf(row, k + 1, valueName(open.task)));

const hookLineOf = ({ stage, exitCode, seconds, stdoutBytes, timedOut }: HookRun): Hook => ({
  type: 'hook',
  stage,
  exit_code: exitCode,
  duration_ms: Math.round(1000 * seconds),
  stdout_bytes: stdoutBytes,
  timed_out: timedOut,
});

function runOf(row: LedgerRow, run: number, metric: string): Run {
  const { commit, value, trials, description, at, record, experiment } = row;
  const status = statusOf(row);
  const asi = record && {
    hypothesis: record.hypothesis,
    experiment,
    verdict: record.verdict,
    gain: record.gain,
    noise: record.noise,
    trials: trials.length,
    base: record.base,
    ...(status === 'keep' ? { reason: record.reason } : { rollback_reason: record.reason }),
  };
  return {
    run,
    commit: commit.slice(0, 7),
    metric: value ?? 0,
    metrics: othersOf(trials, metric),
    status,
    description: inOneCell(description),
    timestamp: Date.parse(at),
    segment: 0,
    confidence: null, // theirs is not how sure a keep is
    ...(asi !== null && { asi }),
  };
}

function statusOf(row: LedgerRow): Run['status'] {
  if (row.verdict === 'quarantine') return 'checks_failed';
  return row.verdict === 'discard' && failedCheckOf(row) !== undefined ? 'checks_failed' : row.verdict;
}
