// What `show` prints. Pure.
import { trialsBehind, type ExperimentRecord, type Trial } from '../domain/experiment.ts';
import { hookTrouble, type HookRun } from '../domain/hook.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import { trialName } from '../domain/rerun.ts';
import type { ModelWork } from '../domain/model-work.ts';
import { repairOf } from '../domain/repair.ts';
import { ratioOf } from '../domain/paired.ts';
import { measureOf } from '../domain/report.ts';
import { sentence } from '../domain/sentence.ts';
import { targetOf } from '../domain/target.ts';
import type { Task } from '../domain/task.ts';
import { machineNoise, shownNoise, speedVariation } from '../domain/calibration.ts';
import { isCertified } from '../domain/certified.ts';
import { noiseInterval, noiseText } from '../domain/noise.ts';
import { tierOfTrials } from '../domain/tier.ts';
import { clock, duration, facts, figure, gainFigure, many, plainLines, table } from './figures.ts';
import { trialFactsLines } from './trial-facts-view.ts';
import { DIRECTIONS } from './view.ts';

/** An experiment with what git and the trial directory know of it. */
export interface Shown {
  readonly record: ExperimentRecord;
  readonly task: Pick<Task, 'metric' | 'target' | 'score'>;
  /** The hooks that ran around it. */
  readonly hooks: readonly HookRun[];
  readonly diff: string;
  /** The end of the last trial's log; null when it is not on this machine. */
  readonly log: readonly string[] | null;
  readonly at: number;
}

/** One experiment: hypothesis, verdict, trials, diff, log. */
export function experimentLines({ record, task, hooks, diff, log, at }: Shown, columns: number): string[] {
  const { experiment, verdict, hypothesis, reason, candidate, base, proposer, startedAt, endedAt } = record;
  const took = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const head = facts(
    [
      ['experiment', `${experiment} · ${verdict}${isCertified(record) ? ' · certified' : ''}`],
      ['hypothesis', hypothesis],
      ['parent', record.parent === undefined ? '' : `experiment ${record.parent}`],
      ['pooled', pooledText(record)],
      ['reason', reason],
      ['value', valueText(record, task)],
      ['tier', tierOfTrials(trialsBehind(record)) ?? ''],
      ['judged', judgedText(record)],
      [
        'candidate',
        candidate === null ? 'none' : `${candidate.slice(0, 12)} from ${base.slice(0, 12)}, by ${proposer}`,
      ],
      ['repairs', repairText(record)],
      ['model', workText(record)],
      ['review', opinionText(record)],
      ['hooks', hooks.map(hookText).join('; ')],
      ['time', `${clock(startedAt, at)}, ${duration(took)}`],
    ],
    columns,
  );
  return [
    ...head,
    ...section('trials', record.trials.length === 0 ? [] : trialsTable(record.trials, task, columns)),
    ...section(
      'started without training',
      record.starts === undefined ? [] : trialsTable(record.starts, task, columns),
    ),
    ...section('machine', trialFactsLines(record.trials, columns)),
    ...section('diff', diff === '' ? [] : plainLines(diff).trimEnd().split('\n')),
    ...section('log', log ?? ['not on this machine']),
  ];
}

/** The baseline's trials. */
export function baselineLines(
  { event, task, at }: { event: Extract<LedgerEvent, { kind: 'baseline' }>; task: Shown['task']; at: number },
  columns: number,
): string[] {
  const head = facts(
    [
      ['baseline', event.commit.slice(0, 12)],
      ['metric', metricText(task)],
      ['noise', spreadText(event.trials)],
      ['tier', tierOfTrials(event.trials) ?? ''],
      ['time', clock(event.at, at)],
    ],
    columns,
  );
  return [
    ...head,
    ...section('trials', trialsTable(event.trials, task, columns)),
    ...section('machine', trialFactsLines(event.trials, columns)),
  ];
}

/** The noise across seeds, and beside it what the machine alone does to one seed. */
function spreadText(trials: readonly Trial[]): string {
  const [shown, machine] = [shownNoise(trials), machineNoise(trials)];
  const alone = machine === null ? '' : `; the same seed again varies by ${figure(machine, 2)}, which is the machine`;
  const speed = speedVariation(trials);
  const steps = speed === null ? '' : `; steps per second vary by ${(100 * speed).toFixed(1)} %`;
  if (shown === null) return '';
  const degrees = trials.filter(({ role, value }) => role === 'baseline' && value !== null).length - 1;
  return `${noiseText({ noise: shown, degrees }, (value) => figure(value, 2))} from seed to seed${alone}${steps}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines];
}

const metricText = ({ metric: { name: metric, direction }, target, score }: Shown['task']): string =>
  `${measureOf({ metric, target, paired: score?.paired })} (${DIRECTIONS[direction]})`;

/** A score that is a logarithm says little to a person. */
const ratioText = (value: number, { metric, score }: Shown['task']): string =>
  score?.paired === undefined ? '' : `${figure(ratioOf(value), 3)} times the baseline's ${metric.name}, `;

function valueText({ value, gain, noise, incumbent, work }: ExperimentRecord, task: Shown['task']): string {
  if (value === null) return 'none';
  const spread = noise === null ? 'noise unknown' : `noise ${figure(noise, 2)}`;
  const over = incumbent.value === null ? '' : ` over ${figure(incumbent.value)}`;
  // By its own word; 0 where it could not tell.
  const expected = work?.expectedGain ? ` (its model expected ${gainFigure(work.expectedGain)})` : '';
  const gained = gain === null ? '' : `, gain ${gainFigure(gain)}${over}${expected}`;
  return `${ratioText(value, task)}${figure(value)} ${metricText(task)}${gained}, ${spread}`;
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

/** `2.71 and 2.69 of experiment 3`: what earlier numbers of its arm, that came to no verdict, brought in. */
function pooledText({ pooled = [] }: ExperimentRecord): string {
  const numbers = [...new Set(pooled.map(({ experiment }) => experiment))];
  const values = (of: number): string[] =>
    pooled.filter(({ experiment }) => experiment === of).map(({ value }) => (value === null ? 'none' : figure(value)));
  return numbers.map((of) => `${values(of).join(', ')} of experiment ${of}, the same but for form`).join('; ');
}

/** What a model did for it, and what that cost. */
function workText({ work }: ExperimentRecord): string {
  if (work === undefined) return '';
  const { model, kind, turns, inVain } = work;
  const idea = inVain === true ? ', in vain' : kind === undefined ? '' : `, as ${kind}`;
  return `${model}${idea}; ${many(turns, 'answer')}, ${costText(work)}`;
}

/** What another model thought of it before it would be kept. */
function opinionText({ opinion }: ExperimentRecord): string {
  if (opinion === undefined) return '';
  const { opinion: word, reason, work } = opinion;
  return `${word}, by ${work.model}: ${sentence(reason)} ${costText(work)}`;
}

function costText({ inputTokens, cachedTokens, outputTokens, usd }: ModelWork): string {
  const cost = usd === null ? 'at an unknown price' : `$${usd.toFixed(4)}`;
  return `${inputTokens} tokens read (${cachedTokens} of them from the cache), ${outputTokens} written; ${cost}`;
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

/** Where the value is the seconds, what was reached by then stands in their place. */
function trialsTable(trials: readonly Trial[], task: Shown['task'], columns: number): string[] {
  const target = targetOf(task);
  const rows = trials.map(({ trial, role, seed, value, metrics, seconds, device, failure }) => {
    const beside = target === undefined ? seconds : metrics[target.metric];
    return [
      trialName(trial),
      role,
      String(seed),
      value === null ? '' : figure(value),
      beside === undefined ? '' : figure(beside, target === undefined ? 3 : 6),
      failure === undefined ? device : `${device}: ${failure}`,
    ];
  });
  return table(['#', 'role', 'seed', 'value', target?.metric ?? 'seconds', 'device'], rows, columns);
}
