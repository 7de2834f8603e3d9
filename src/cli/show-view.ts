// What `show` prints. Pure.
import type { ExperimentRecord, Trial } from '../domain/experiment.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import type { Task } from '../domain/task.ts';
import { clock, duration, facts, figure, gainFigure, plainLines, table } from './figures.ts';
import { DIRECTIONS } from './view.ts';

/** An experiment with what git and the trial directory know of it. */
export interface Shown {
  readonly record: ExperimentRecord;
  readonly metric: Task['metric'];
  readonly diff: string;
  /** The end of the last trial's log; null when it is not on this machine. */
  readonly log: readonly string[] | null;
  readonly at: number;
}

/** One experiment: hypothesis, verdict, trials, diff, log. */
export function experimentLines({ record, metric, diff, log, at }: Shown, columns: number): string[] {
  const { experiment, verdict, hypothesis, reason, candidate, base, proposer, startedAt, endedAt } = record;
  const took = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const head = facts(
    [
      ['experiment', `${experiment} · ${verdict}`],
      ['hypothesis', hypothesis],
      ['reason', reason],
      ['value', valueText(record, metric)],
      [
        'candidate',
        candidate === null ? 'none' : `${candidate.slice(0, 12)} from ${base.slice(0, 12)}, by ${proposer}`,
      ],
      ['time', `${clock(startedAt, at)}, ${duration(took)}`],
    ],
    columns,
  );
  return [
    ...head,
    ...section('trials', record.trials.length === 0 ? [] : trialsTable(record.trials, columns)),
    ...section('diff', diff === '' ? [] : plainLines(diff).trimEnd().split('\n')),
    ...section('log', log ?? ['not on this machine']),
  ];
}

/** The baseline's trials. */
export function baselineLines(
  { event, metric, at }: { event: Extract<LedgerEvent, { kind: 'baseline' }>; metric: Task['metric']; at: number },
  columns: number,
): string[] {
  const head = facts(
    [
      ['baseline', event.commit.slice(0, 12)],
      ['metric', `${metric.name} (${DIRECTIONS[metric.direction]})`],
      ['time', clock(event.at, at)],
    ],
    columns,
  );
  return [...head, ...section('trials', trialsTable(event.trials, columns))];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines];
}

function valueText({ value, gain, noise, incumbent }: ExperimentRecord, metric: Task['metric']): string {
  if (value === null) return 'none';
  const spread = noise === null ? 'noise unknown' : `noise ${figure(noise, 2)}`;
  const over = incumbent.value === null ? '' : ` over ${figure(incumbent.value)}`;
  const gained = gain === null ? '' : `, gain ${gainFigure(gain)}${over}`;
  return `${figure(value)} ${metric.name} (${DIRECTIONS[metric.direction]})${gained}, ${spread}`;
}

function trialsTable(trials: readonly Trial[], columns: number): string[] {
  const rows = trials.map(({ trial, role, seed, value, seconds, device, failure }) => [
    String(trial),
    role,
    String(seed),
    value === null ? '' : figure(value),
    figure(seconds, 3),
    failure === undefined ? device : `${device}: ${failure}`,
  ]);
  return table(['#', 'role', 'seed', 'value', 'seconds', 'device'], rows, columns);
}
