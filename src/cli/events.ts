// The session as one line per event, for pipes and logs. Pure: what was told before and what is so now give what is
// to be told.
import { chanceText } from '../domain/assessment.ts';
import { lanesOf, type ExperimentLine, type RunningTrial, type SessionView } from '../domain/report.ts';
import type { Direction } from '../domain/task.ts';
import { figure, many, plain, withError } from './figures.ts';
import type { Snapshot } from './snapshot.ts';
import { trialName } from '../domain/rerun.ts';
import { bestText, gainText, isAside, noiseOf } from './view.ts';
import { warningsOf } from './warnings.ts';

/** What the reader knows already. */
export interface Told {
  readonly status: string;
  /** Those whose end was told. */
  readonly experiments: ReadonlySet<number>;
  readonly baseline: boolean;
  /** What trains, one line for each lane. */
  readonly trials: readonly string[];
  readonly warnings: readonly string[];
}

/** Nothing was told yet. */
export const NOTHING: Told = { status: '', experiments: new Set(), baseline: false, trials: [], warnings: [] };

/** The lines to tell now, and what is known after that. `missed` are ends that the snapshot is too short for. */
export function tell(told: Told, snapshot: Snapshot, missed: readonly ExperimentLine[] = []): [string[], Told] {
  const { view, live } = snapshot;
  const warnings = warningsOf(snapshot).map(withoutSpan);
  const news = warnings.filter((text) => !told.warnings.includes(text)).map((text) => `! ${text}`);
  if (view === null) return [news, { ...told, warnings }];
  const ends = [...missed, ...view.last].filter(({ experiment }) => !told.experiments.has(experiment));
  const trials = live === null ? told.trials : lanesOf(live).map(trialText);
  const lines = [
    ...(view.status === told.status ? [] : [statusText(view)]),
    ...(view.baseline !== null && !told.baseline ? [baselineText(view)] : []),
    ...ends.map((end) => endText(end, view)),
    ...trials.filter((trial) => trial !== '' && !told.trials.includes(trial)),
    ...news,
  ];
  return [
    lines,
    {
      status: view.status,
      baseline: told.baseline || view.baseline !== null,
      experiments: new Set([...told.experiments, ...ends.map(({ experiment }) => experiment)]),
      trials,
      warnings,
    },
  ];
}

/** The first experiment that ended without being told and that the snapshot's short list leaves out; null if none. */
export function firstMissed(told: Told, view: SessionView): number | null {
  const oldest = view.last[0]?.experiment ?? 0;
  const newest = Math.max(0, ...told.experiments);
  return newest + 1 < oldest ? newest + 1 : null;
}

const withoutSpan = (text: string): string => text.replace(/(since [\d: -]+) \([^)]*\)/, '$1');

function statusText(view: SessionView): string {
  const why = view.reason === null || view.status === 'blocked' ? '' : `: ${plain(view.reason)}`;
  const { counts } = view;
  const far = counts.total === 0 ? '' : ` · ${counts.total} experiments, ${counts.kept} kept`;
  const tier = view.tier === null ? '' : ` · tier ${view.tier}`;
  const best =
    counts.total === 0 ? '' : ` · best ${bestText(view)} · gain ${gainText(view)} · noise ${noiseOf(view)}${tier}`;
  return `${view.session} · ${view.status}${why}${far}${best}`;
}

function baselineText(view: SessionView): string {
  const { baseline, metric } = view;
  if (baseline === null) return '';
  return `baseline · ${withError(baseline)} ${metric} · ${many(baseline.trials, 'trial')}, noise ${noiseOf(view)}`;
}

function trialText(running: RunningTrial): string {
  if (running.stage !== 'train') return '';
  const { experiment, trial, seed, seconds, hypothesis } = running;
  const training = `training ${seconds} s · ${seed === 'fresh' ? 'a fresh seed' : `seed ${seed}`}`;
  if (isAside(running)) return `${plain(hypothesis)} · ${training}`;
  const which = `${experiment === 0 ? 'baseline' : `experiment ${experiment}`} · trial ${trialName(trial)}`;
  const why = experiment === 0 || hypothesis === '' ? '' : ` · ${plain(hypothesis)}`;
  return `${which} · ${training}${why}`;
}

/** `experiment 12 · keep · 2.8512 → 2.7911 (gain 0.0601, P .98, 3 trials, noise 0.012) · LEARNING_RATE 0.001 -> 0.0023`. */
export function endText(end: ExperimentLine, view: Pick<SessionView, 'direction' | 'noise'>): string {
  const { experiment, verdict, value, gain, better, trials, hypothesis, reason, incumbent } = end;
  const chance = better === undefined ? '' : `P ${chanceText(better)}, `;
  const noise = view.noise === null ? 'noise unknown' : `noise ${figure(view.noise, 2)}`;
  const judged =
    value === null || gain === null || verdict === 'quarantine'
      ? plain(reason)
      : `${figure(incumbent ?? before(value, gain, view.direction))} → ${figure(value)} (gain ${figure(gain, 3)}, ${chance}${many(trials, 'trial')}, ${noise})`;
  const why = hypothesis === '' ? [] : [plain(hypothesis)];
  return [`experiment ${experiment}`, verdict, judged, ...why].join(' · ');
}

/** The incumbent's value that a gain was measured against. */
const before = (value: number, gain: number, direction: Direction): number =>
  direction === 'minimize' ? value + gain : value - gain;
