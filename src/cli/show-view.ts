// What `show` prints. Pure.
import type { ExperimentRecord, Trial } from '../domain/experiment.ts';
import { hookTrouble, type HookRun } from '../domain/hook.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import { trialName } from '../domain/rerun.ts';
import { repairOf } from '../domain/repair.ts';
import type { Task } from '../domain/task.ts';
import { machineNoise, shownNoise, speedVariation } from '../domain/calibration.ts';
import { isCertified } from '../domain/certified.ts';
import { noiseInterval } from '../domain/noise.ts';
import { clock, duration, facts, figure, gainFigure, many, plainLines, table } from './figures.ts';
import { trialFactsLines } from './trial-facts-view.ts';
import { DIRECTIONS } from './view.ts';

/** An experiment with what git and the trial directory know of it. */
export interface Shown {
  readonly record: ExperimentRecord;
  readonly metric: Task['metric'];
  /** The hooks that ran around it. */
  readonly hooks: readonly HookRun[];
  readonly diff: string;
  /** The end of the last trial's log; null when it is not on this machine. */
  readonly log: readonly string[] | null;
  readonly at: number;
}

/** One experiment: hypothesis, verdict, trials, diff, log. */
export function experimentLines({ record, metric, hooks, diff, log, at }: Shown, columns: number): string[] {
  const { experiment, verdict, hypothesis, reason, candidate, base, proposer, startedAt, endedAt } = record;
  const took = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const head = facts(
    [
      ['experiment', `${experiment} · ${verdict}${isCertified(record) ? ' · certified' : ''}`],
      ['hypothesis', hypothesis],
      ['parent', record.parent === undefined ? '' : `experiment ${record.parent}`],
      ['reason', reason],
      ['value', valueText(record, metric)],
      ['judged', judgedText(record)],
      [
        'candidate',
        candidate === null ? 'none' : `${candidate.slice(0, 12)} from ${base.slice(0, 12)}, by ${proposer}`,
      ],
      ['repairs', repairText(record)],
      ['model', workText(record)],
      ['hooks', hooks.map(hookText).join('; ')],
      ['time', `${clock(startedAt, at)}, ${duration(took)}`],
    ],
    columns,
  );
  return [
    ...head,
    ...section('trials', record.trials.length === 0 ? [] : trialsTable(record.trials, columns)),
    ...section('started without training', record.starts === undefined ? [] : trialsTable(record.starts, columns)),
    ...section('machine', trialFactsLines(record.trials, columns)),
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
      ['noise', noiseText(event.trials)],
      ['time', clock(event.at, at)],
    ],
    columns,
  );
  return [
    ...head,
    ...section('trials', trialsTable(event.trials, columns)),
    ...section('machine', trialFactsLines(event.trials, columns)),
  ];
}

/** The noise across seeds, and beside it what the machine alone does to one seed. */
function noiseText(trials: readonly Trial[]): string {
  const [shown, machine] = [shownNoise(trials), machineNoise(trials)];
  const alone = machine === null ? '' : `; the same seed again varies by ${figure(machine, 2)}, which is the machine`;
  const speed = speedVariation(trials);
  const steps = speed === null ? '' : `; steps per second vary by ${(100 * speed).toFixed(1)} %`;
  return shown === null ? '' : `${figure(shown, 2)} from seed to seed${alone}${steps}`;
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

/** What it is another try of. */
function repairText(record: ExperimentRecord): string {
  const crashed = repairOf(record);
  return crashed === undefined ? '' : `experiment ${crashed}, which crashed`;
}

/** `before, 120 bytes in 0.3 s`: a hook that ran, and how it failed. */
function hookText(run: HookRun): string {
  const trouble = hookTrouble(run);
  const failed = trouble === null ? '' : `, ${trouble}`;
  return `${run.stage}${failed}, ${many(run.stdoutBytes, 'byte')} in ${figure(run.seconds, 2)} s`;
}

/** What a model did for it, and what that cost. */
function workText({ work }: ExperimentRecord): string {
  if (work === undefined) return '';
  const { model, kind, turns, inputTokens, cachedTokens, outputTokens, usd } = work;
  const cost = usd === null ? 'at an unknown price' : `$${usd.toFixed(4)}`;
  const idea = kind === undefined ? '' : `, as ${kind}`;
  const read = `${inputTokens} tokens read (${cachedTokens} of them from the cache), ${outputTokens} written`;
  return `${model}${idea}; ${many(turns, 'answer')}, ${read}; ${cost}`;
}

/** What the verdict was made of: how likely a gain is, how large, and how well the noise is known. */
function judgedText({ assessment, rule, netLines, value }: ExperimentRecord): string {
  if (assessment === undefined) return value === null ? '' : `by ${rule}, one trial against another`;
  const { better, low, high, noise, degrees } = assessment;
  const { low: least, high: most } = noiseInterval(noise, degrees);
  const parts = [
    `by ${rule}: better with a probability of ${better.toFixed(2)}`,
    `gain 95 % between ${gainFigure(low)} and ${gainFigure(high)}`,
    `noise between ${figure(least, 2)} and ${figure(most, 2)} (${degrees} degrees of freedom)`,
    ...(netLines === undefined || netLines === 0 ? [] : [`${netLines > 0 ? '+' : ''}${netLines} lines of code`]),
  ];
  return parts.join('; ');
}

function trialsTable(trials: readonly Trial[], columns: number): string[] {
  const rows = trials.map(({ trial, role, seed, value, seconds, device, failure }) => [
    trialName(trial),
    role,
    String(seed),
    value === null ? '' : figure(value),
    figure(seconds, 3),
    failure === undefined ? device : `${device}: ${failure}`,
  ]);
  return table(['#', 'role', 'seed', 'value', 'seconds', 'device'], rows, columns);
}
