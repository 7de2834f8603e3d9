// A ledger as other programs keep theirs: the baseline as the first row, then what trained. What was dropped, or kept from
// a verdict by the world or the session's end, never gets a row there.
import type { ExperimentRecord, Trial, Verdict } from '../domain/experiment.ts';
import type { Ledger, OpenEvent } from '../domain/ledger.ts';
import { mean } from '../domain/noise.ts';
import type { Task } from '../domain/task.ts';

/** A verdict that other programs have a word for. */
type RowVerdict = Extract<Verdict, 'keep' | 'discard' | 'crash' | 'quarantine'>;

/** One row; 0 is the baseline, which has no record. */
export interface LedgerRow {
  readonly experiment: number;
  readonly commit: string;
  readonly verdict: RowVerdict;
  readonly value: number | null;
  readonly trials: readonly Trial[];
  readonly description: string;
  /** ISO time. */
  readonly at: string;
  readonly record: ExperimentRecord | null;
}

/** The rows of a ledger. */
export function rowsOf({ experiments, events }: Ledger, { base }: Pick<OpenEvent, 'base'>): readonly LedgerRow[] {
  const baseline = events.find((event) => event.kind === 'baseline');
  const first = baseline?.kind === 'baseline' && baseline.trials.length > 0 ? [baselineRow(baseline, base)] : [];
  const rows = experiments.flatMap((record) => {
    const { experiment, candidate, verdict, value, trials, hypothesis, endedAt } = record;
    if (!hasRow(verdict) || candidate === null) return [];
    return [{ experiment, commit: candidate, verdict, value, trials, description: hypothesis, at: endedAt, record }];
  });
  return [...first, ...rows];
}

function baselineRow(
  { trials, at }: { readonly trials: readonly Trial[]; readonly at: string },
  base: string,
): LedgerRow {
  const values = trials.flatMap(({ role, value }) => (value === null || role === 'repeat' ? [] : [value]));
  const value = values.length === 0 ? null : mean(values);
  // A baseline that gives no value was tried all the same; that of an older version may have failed a check.
  const verdict = value === null ? 'crash' : failedCheckOf({ trials }) === undefined ? 'keep' : 'discard';
  return { experiment: 0, commit: base, verdict, value, trials, description: 'baseline', at, record: null };
}

function hasRow(verdict: Verdict): verdict is RowVerdict {
  return verdict !== 'undecided' && verdict !== 'failed' && verdict !== 'dropped';
}

/** What the value of a row is: the metric, or where it was measured beside the baseline's, the logarithm of their ratio. */
export const valueName = ({ metric, score }: Pick<Task, 'metric' | 'score'>): string =>
  score?.paired === undefined ? metric.name : `${metric.name}_log_ratio`;

/** The check that a row's candidate failed, in one sentence. */
export const failedCheckOf = ({ trials }: Pick<LedgerRow, 'trials'>): string | undefined =>
  trials.find(({ failedCheck }) => failedCheck !== undefined)?.failedCheck;

/** The most memory of the GPU that a row's trials took, in MB; 0 where nobody saw any. */
export const peakVramMbOf = ({ trials }: Pick<LedgerRow, 'trials'>): number =>
  Math.max(0, ...trials.map(({ metrics, peakVramMb }) => peakVramMb ?? metrics['peak_vram_mb'] ?? 0));
