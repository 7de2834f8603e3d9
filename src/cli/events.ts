// The session as one line per event, for pipes and logs, or as one JSON object per event, for programs. Pure: what was
// told before and what is so now give what is to be told.
import { chanceText } from '../domain/assessment.ts';
import { bestReport } from '../domain/best-report.ts';
import { lanesOf, type ExperimentLine, type RunningTrial, type SessionView } from '../domain/report.ts';
import type { Direction } from '../domain/task.ts';
import { figure, many, plain, withError } from './figures.ts';
import { beatOf, statusWord, type Snapshot } from './snapshot.ts';
import type { Progress } from '../domain/progress.ts';
import { trialName } from '../domain/rerun.ts';
import { bestText, gainText, isAside, noiseOf } from './view.ts';
import { warningsOf } from './warnings.ts';

/** One event: in words, and the same facts as data. */
export interface News {
  readonly line: string;
  readonly data: {
    readonly event: 'status' | 'baseline' | 'preparing' | 'trial' | 'experiment' | 'warning';
  } & Readonly<Record<string, unknown>>;
}

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

/** The events to tell now, and what is known after that. `missed` are ends that the snapshot is too short for. */
export function tell(told: Told, snapshot: Snapshot, missed: readonly ExperimentLine[] = []): [News[], Told] {
  const { view, live } = snapshot;
  const warnings = warningsOf(snapshot).map(withoutSpan);
  const news = warnings
    .filter((text) => !told.warnings.includes(text))
    .map((text): News => ({ line: `! ${text}`, data: { event: 'warning', text } }));
  if (view === null) return [news, { ...told, warnings }];
  const ends = [...missed, ...view.last].filter(({ experiment }) => !told.experiments.has(experiment));
  const lanes = live === null ? [] : lanesOf(live);
  const trials = lanes.flatMap((lane) => trialNews(lane, told, beatOf(snapshot, lane)?.phase) ?? []);
  const known = told.trials.map(withoutCount);
  const events = [
    ...(view.status === told.status ? [] : [statusNews(snapshot, view)]),
    ...(view.baseline !== null && !told.baseline ? [baselineNews(view.baseline, view)] : []),
    ...ends.map((end): News => ({
      line: endText(end, view),
      data: { event: 'experiment', ...end, noise: view.noise },
    })),
    ...trials.filter(({ line }) => !known.includes(withoutCount(line))),
    ...news,
  ];
  return [
    events,
    {
      status: view.status,
      baseline: told.baseline || view.baseline !== null,
      experiments: new Set([...told.experiments, ...ends.map(({ experiment }) => experiment)]),
      trials: live === null ? told.trials : trials.map(({ line }) => line),
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

function statusNews(snapshot: Snapshot, view: SessionView): News {
  const { reason } = view;
  return {
    line: statusText(view),
    data: { event: 'status', ...bestReport(view), status: statusWord(snapshot), reason },
  };
}

function statusText(view: SessionView): string {
  const why = view.reason === null || view.status === 'blocked' ? '' : `: ${plain(view.reason)}`;
  const { counts } = view;
  const far = counts.total === 0 ? '' : ` · ${counts.total} experiments, ${counts.kept} kept`;
  const tier = view.tier === null ? '' : ` · tier ${view.tier}`;
  const best =
    counts.total === 0 ? '' : ` · best ${bestText(view)} · gain ${gainText(view)} · noise ${noiseOf(view)}${tier}`;
  return `${view.session} · ${view.status}${why}${far}${best}`;
}

function baselineNews(baseline: NonNullable<SessionView['baseline']>, view: SessionView): News {
  const { commit, value, stderr, trials } = baseline;
  const { metric, noise } = view;
  return {
    line: `baseline · ${withError(baseline)} ${metric} · ${many(trials, 'trial')}, noise ${noiseOf(view)}`,
    data: { event: 'baseline', commit, metric, value, stderr, trials, noise },
  };
}

/** What a device is at with a trial once its task is prepared; before that its beats say what `prepare` says. */
const WITH_THE_TRIAL: ReadonlySet<string> = new Set<Progress['phase']>(['preparing', 'waiting', 'training', 'ending']);
/** The first beat: whether something has to be prepared, it does not know yet. */
const LOOKS = 'checkout';
const PREPARES = 'preparing: ';

/** What a lane's device is at, by the last beat that is known of it; null while there is nothing to tell. */
function trialNews(running: RunningTrial, { trials }: Told, phase: string = LOOKS): News | null {
  if (running.stage !== 'train') return null;
  const { experiment, trial, role, seed, seconds, hypothesis } = running;
  const which = isAside(running)
    ? plain(hypothesis)
    : `${experiment === 0 ? 'baseline' : `experiment ${experiment}`} · trial ${trialName(trial)}`;
  const why = isAside(running) || experiment === 0 || hypothesis === '' ? '' : ` · ${plain(hypothesis)}`;
  const training = `${which} · training ${seconds} s · ${seed === 'fresh' ? 'a fresh seed' : `seed ${seed}`}${why}`;
  // Told once, it stays told, though another worker that takes it over begins by looking.
  if (WITH_THE_TRIAL.has(phase) || trials.includes(training))
    return { line: training, data: { event: 'trial', experiment, trial, role, seed, seconds, hypothesis } };
  const what = plain(phase).replace(/^prepare: /, '');
  return phase === LOOKS
    ? null
    : { line: `${which} · ${PREPARES}${what}`, data: { event: 'preparing', experiment, trial, phase: what } };
}

/** A preparation that counts is told once: `numpy, 4 s…` is what `numpy, 2 s…` was. */
const withoutCount = (text: string): string => (text.includes(PREPARES) ? text.replaceAll(/\d+/g, '0') : text);

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
