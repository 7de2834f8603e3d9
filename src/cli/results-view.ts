// Experiments in the forms that people and spreadsheets read. Pure.
import type { ExperimentRecord } from '../domain/experiment.ts';
import { figure, gainFigure, table } from './figures.ts';

/** The table that `results` prints. */
export function resultsTable(records: readonly ExperimentRecord[], columns: number): string[] {
  const rows = records.map(({ experiment, candidate, verdict, value, gain, trials, hypothesis, reason }) => [
    String(experiment),
    candidate?.slice(0, 7) ?? '',
    verdict,
    value === null ? '' : figure(value),
    gain === null ? '' : gainFigure(gain),
    String(trials.length),
    value === null && reason !== '' ? `${hypothesis} (${reason})` : hypothesis,
  ]);
  return table(['#', 'commit', 'verdict', 'value', 'gain', 'trials', 'hypothesis'], rows, columns);
}

type Cell = string | number | null;

const CSV_COLUMNS: Readonly<Record<string, (record: ExperimentRecord) => Cell>> = {
  experiment: ({ experiment }) => experiment,
  commit: ({ candidate }) => candidate,
  base: ({ base }) => base,
  verdict: ({ verdict }) => verdict,
  value: ({ value }) => value,
  gain: ({ gain }) => gain,
  noise: ({ noise }) => noise,
  trials: ({ trials }) => trials.length,
  trained_seconds: ({ trials }) => trials.reduce((sum, { seconds }) => sum + seconds, 0),
  started_at: ({ startedAt }) => startedAt,
  ended_at: ({ endedAt }) => endedAt,
  proposer: ({ proposer }) => proposer,
  model: ({ work }) => work?.model ?? null,
  usd: ({ work }) => work?.usd ?? null,
  hypothesis: ({ hypothesis }) => hypothesis,
  reason: ({ reason }) => reason,
};

/** Comma-separated values (RFC 4180, with bare newlines); an empty cell means "none", never zero. */
export function resultsCsv(records: readonly ExperimentRecord[]): string {
  const rows = records.map((record) => Object.values(CSV_COLUMNS).map((column) => column(record)));
  return [Object.keys(CSV_COLUMNS), ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

function cell(value: Cell): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
