// The live view: what stands on the screen at one moment, as plain lines. Pure; screen.ts draws them.
import { claimedGain } from '../domain/belief.ts';
import { chanceText } from '../domain/assessment.ts';
import { cautionsOf } from '../domain/cautions.ts';
import type { Budget, Spent } from '../domain/budget.ts';
import { noiseText } from '../domain/noise.ts';
import {
  dataOf,
  failuresOf,
  lanesOf,
  measureOf,
  originOfBest,
  type ExperimentLine,
  type RunningTrial,
  type SessionView,
} from '../domain/report.ts';
import { trialName } from '../domain/rerun.ts';
import { retainedText } from '../domain/scale.ts';
import { barOf } from './bar.ts';
import { duration, facts, figure, fit, gainFigure, many, plain, withError } from './figures.ts';
import type { Tone } from './paint.ts';
import { beatOf, statusWord, type Snapshot } from './snapshot.ts';
import { warningsOf } from './warnings.ts';

/** A line and how it is to look on a terminal with colours. */
export interface Line {
  readonly text: string;
  readonly tone: Tone;
}

/** So many last verdicts are shown. */
const LAST_SHOWN = 6;

/** The session at this moment, at most `columns` wide. */
export function viewLines(snapshot: Snapshot, columns: number): Line[] {
  const { session, view, live } = snapshot;
  const warnings = warningsOf(snapshot).flatMap((text) => facts([['!', text]], columns));
  const warned = warnings.map((text) => line(text, 'warn'));
  const word = statusWord(snapshot) ?? 'starting';
  if (view === null) return [line(fit(`${session} · ${word}`, columns), 'bold'), ...warned];
  const head = [view.session, word, view.task, tierOf(view)].filter((part) => part !== '').join(' · ');
  return [
    line(fit(plain(head), columns), 'bold'),
    ...facts(
      [
        ['best', bestText(view)],
        ['gain', gainText(view)],
        ['noise', noiseOf(view)],
        ['audit', auditText(view)],
        ['longer', scaleText(view)],
        ['note', cautionsOf(view).join('; ')],
        ...nowRows(snapshot),
        ['agent', agentText(snapshot.pending)],
        ['left', live === null ? '' : leftText(live.budget, live.spent)],
      ],
      columns,
      oneLine,
    ).map((text) => line(text)),
    ...view.last
      .slice(-LAST_SHOWN)
      .toReversed()
      .map((one) => verdictLine(one, columns)),
    ...warned,
  ];
}

/** Cut, not broken: a picture that keeps its height does not jump. */
const oneLine = (text: string, width: number): string[] => [fit(text, width)];

const line = (text: string, tone: Tone = 'plain'): Line => ({ text, tone });

const tierOf = (view: SessionView): string => (view.tier === null ? '' : `tier ${view.tier}`);

/** `2.6312 ± 0.0060 val_bpb (lower is better) at experiment 17`. */
export function bestText(view: SessionView): string {
  const { best, direction } = view;
  if (best === null) return 'not measured yet';
  return `${withError(best)} ${measureOf(view)} (${DIRECTIONS[direction]}), ${originOfBest(view)}, ${many(best.trials, 'trial')}`;
}

/** The directions in words. */
export const DIRECTIONS = { minimize: 'lower is better', maximize: 'higher is better' } as const;

/** `+0.220 over 2.8512 (95 %: +0.201 to +0.239)`. */
export function gainText(view: SessionView): string {
  const { best, baseline, direction } = view;
  if (best === null || baseline === null) return '';
  if (best.commit === baseline.commit) return `none yet over the baseline ${figure(baseline.value)}`;
  const { claimed, low, high } = claimedGain(baseline, best, direction);
  const interval = low === null || high === null ? '' : ` (95 %: ${gainFigure(low)} to ${gainFigure(high)})`;
  return `${gainFigure(claimed)} over ${figure(baseline.value)}${interval}`;
}

/** `0.012 (95 %: 0.0077 to 0.027)`; empty before there is a gain that it stands beside. */
export const noiseOf = (view: SessionView): string =>
  view.baseline === null ? '' : noiseText(view, (value) => figure(value, 2));

/** `+0.214 (95 %: +0.190 to +0.238) on sealed data and fresh seeds: the claim holds`; empty without an audit. */
export function auditText({ audit, best }: SessionView): string {
  if (audit == null) return '';
  const { gain, low, high, split, commit, passed, claimed } = audit;
  const what = split === 'sealed' ? `${dataOf(audit)} and fresh seeds` : `fresh seeds, ${dataOf(audit)}`;
  const why = failuresOf(audit);
  const failed = `THE CLAIM of ${gainFigure(claimed)} DOES NOT HOLD${why === '' ? '' : `: ${why}`}`;
  const holds = passed ? 'the claim holds' : failed;
  const whose = commit === best?.commit ? '' : ` (of ${commit.slice(0, 7)}, before)`;
  const interval = low === null || high === null ? '' : ` (95 %: ${gainFigure(low)} to ${gainFigure(high)})`;
  return `${gain === null ? 'no value' : gainFigure(gain)}${interval} on ${what}: ${holds}${whose}`;
}

/** `4 × the time: +0.081, 74 % of the gain (95 %: 55 to 93): transfers`; empty where no longer trainings were asked for. */
export function scaleText({ scale = [] }: SessionView): string {
  return scale.map((one) => retainedText(one, gainFigure)).join(' · ');
}

/** What every lane runs, and how far it is. */
function nowRows(snapshot: Snapshot): (readonly [string, string])[] {
  const { live, pending } = snapshot;
  if (live === null) return [];
  const lanes = lanesOf(live);
  const rows = lanes.flatMap(
    (running) =>
      [
        ['now', nowText(running)],
        ['', barOf(running, beatOf(snapshot, running))],
      ] as const,
  );
  if (lanes.length > 0) return rows;
  const verbs = pending.map(({ activity }) => ACTIVITIES[activity] ?? activity);
  return [['now', verbs.length > 0 ? verbs.join(', ') : live.status === 'running' ? 'between two trials' : '']];
}

function nowText(running: RunningTrial): string {
  const { experiment, trial, hypothesis } = running;
  if (isAside(running)) return plain(hypothesis);
  return experiment === 0 ? `baseline, trial ${trialName(trial)}` : `experiment ${experiment} · ${hypothesis}`;
}

/** Whether what trains is no trial of its own experiment: an audit, longer trainings after it, or the incumbent again, whose number is only a folder's. */
export const isAside = ({ role }: RunningTrial): boolean =>
  role === 'audit' || role === 'scale' || role === 'incumbent';

/** Activities in words; `train` and `evaluate` are told by the running trial. */
const ACTIVITIES: Readonly<Record<string, string>> = {
  open: 'opening the repo',
  propose: 'writing a proposal',
  commit: 'keeping the candidate',
  revert: 'recording the verdict',
  restore: 'setting the line back',
  record: 'writing to the ledger',
};

/** What the coding agent is at that writes the next edit. */
export function agentText(pending: Snapshot['pending']): string {
  const agent = pending.find((one) => one.agent !== undefined)?.agent;
  if (agent === undefined) return '';
  const { doing, elapsedSeconds } = agent;
  return [`at work for ${duration(elapsedSeconds)}`, plain(doing)].filter((part) => part !== '').join(' · ');
}

const left = (bound: number, used: number): string => figure(Math.max(0, bound - used), 2);

/** What is left of every part of the budget that has a bound. */
export function leftText(budget: Budget, spent: Spent): string {
  return [
    `${Math.max(0, budget.experiments - spent.experiments)} of ${many(budget.experiments, 'experiment')}`,
    ...(budget.hours === undefined ? [] : [`${left(budget.hours, spent.hours)} of ${budget.hours} h`]),
    ...(budget.gpuHours === undefined
      ? []
      : [`${left(budget.gpuHours, spent.gpuHours)} of ${budget.gpuHours} device hours`]),
    ...(budget.usd === undefined ? [] : [`$${left(budget.usd, spent.work.usd)} of $${budget.usd}`]),
    ...(budget.tokens === undefined
      ? []
      : [`${Math.max(0, budget.tokens - spent.work.tokens)} of ${budget.tokens} tokens`]),
  ].join(' · ');
}

const TONES = {
  keep: 'good',
  discard: 'dim',
  crash: 'bad',
  quarantine: 'warn',
  undecided: 'dim',
  failed: 'bad',
  dropped: 'dim',
} as const satisfies Record<ExperimentLine['verdict'], Tone>;

/** `12  keep  +0.0601  P .98 ×3  LEARNING_RATE 0.001 -> 0.0023`: how likely it is a gain, and by how many trials. */
function verdictLine(one: ExperimentLine, columns: number): Line {
  const { experiment, verdict, gain, better, trials, hypothesis, reason } = one;
  const gained = gain === null ? '' : gainFigure(gain);
  const judged = `${better === undefined ? '' : `P ${chanceText(better)}`.padEnd(6)} ×${trials}`.trim();
  const what = hypothesis === '' ? reason : hypothesis;
  const text = `${String(experiment).padStart(5)}  ${verdict.padEnd(10)} ${gained.padStart(9)}  ${judged.padStart(9)}  ${plain(what)}`;
  return line(fit(text, columns), TONES[verdict]);
}
