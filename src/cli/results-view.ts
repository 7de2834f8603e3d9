// Experiments in the forms that people and spreadsheets read. Pure.
import { trialsBehind, type ExperimentRecord } from '../domain/experiment.ts';
import { allWork } from '../domain/opinion.ts';
import { repairOf } from '../domain/repair.ts';
import { tierOfTrials } from '../domain/tier.ts';
import { figure, gainFigure, table } from './figures.ts';

/** In less than this many columns commits give way to who proposed what; `show <n>` has them. */
const ROOMY = 100;

/** The table that `results` prints; who proposed what, and at what cost, where that was not the search alone. */
export function resultsTable(records: readonly ExperimentRecord[], columns: number): string[] {
  const authors = new Set(records.map(authorOf).filter((author) => author !== ''));
  const hasOthers = authors.size > 1 || records.some((record) => allWork(record).length > 0);
  const isTight = hasOthers && columns < ROOMY;
  const rows = records.map((record) => [
    String(record.experiment),
    ...(isTight ? [] : [record.candidate?.slice(0, 7) ?? '']),
    record.verdict,
    record.value === null ? '' : figure(record.value),
    record.gain === null ? '' : gainFigure(record.gain),
    tierOfTrials(trialsBehind(record)) ?? '',
    String(record.trials.length),
    ...(hasOthers ? [authorOf(record), costOf(record)] : []),
    ideaOf(record),
  ]);
  const [where, who] = [isTight ? [] : ['commit'], hasOthers ? ['by', 'cost'] : []];
  return table(['#', ...where, 'verdict', 'value', 'gain', 'tier', 'trials', ...who, 'hypothesis'], rows, columns);
}

/** Who proposed it; of what has no candidate no more is known than that a model was asked, or that its API failed. */
const authorOf = ({ proposer, work }: ExperimentRecord): string =>
  proposer || (work === undefined ? '' : work.inVain === true ? 'search' : 'model');

/** What its models took: nothing where none did, `unknown` where nobody knows the price of one. */
function costOf(record: ExperimentRecord): string {
  if (allWork(record).length === 0) return '';
  const usd = usdOf(record);
  return usd === null ? 'unknown' : `$${usd.toFixed(4)}`;
}

/** What is paid for it; null where nothing is, or nobody knows what. */
function usdOf(record: ExperimentRecord): number | null {
  const costs = allWork(record).map(({ usd }) => usd);
  return costs.length === 0 ? null : costs.reduce((sum, usd) => (sum === null || usd === null ? null : sum + usd));
}

/** The hypothesis, what it is another try of, and why there is no value, or none that counts. */
function ideaOf(record: ExperimentRecord): string {
  const { hypothesis, value, reason, trials } = record;
  const hasFailed = trials.some(({ role, failedCheck }) => role === 'candidate' && failedCheck !== undefined);
  const crashed = repairOf(record);
  const again = crashed === undefined ? '' : ` (repairs ${crashed})`;
  return `${hypothesis}${again}${(value === null || hasFailed) && reason !== '' ? ` (${reason})` : ''}`;
}

type Cell = string | number | null;

const CSV_COLUMNS: Readonly<Record<string, (record: ExperimentRecord) => Cell>> = {
  experiment: ({ experiment }) => experiment,
  commit: ({ candidate }) => candidate,
  base: ({ base }) => base,
  verdict: ({ verdict }) => verdict,
  value: ({ value }) => value,
  gain: ({ gain }) => gain,
  better: ({ assessment }) => assessment?.better ?? null,
  noise: ({ noise }) => noise,
  tier: (record) => tierOfTrials(trialsBehind(record)),
  trials: ({ trials }) => trials.length,
  trained_seconds: ({ trials }) => trials.reduce((sum, { seconds }) => sum + seconds, 0),
  started_at: ({ startedAt }) => startedAt,
  ended_at: ({ endedAt }) => endedAt,
  proposer: ({ proposer }) => proposer,
  repairs: (record) => repairOf(record) ?? null,
  model: ({ work }) => work?.model ?? null,
  usd: usdOf,
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
