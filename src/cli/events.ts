// The session as one line per event, for pipes and logs. Pure: what was told before and what is so now give what is
// to be told.
import { lanesOf, type ExperimentLine, type RunningTrial, type SessionView } from '../domain/report.ts';
import type { Direction } from '../domain/task.ts';
import { figure, plain, withError } from './figures.ts';
import { beatOf, type Snapshot } from './snapshot.ts';
import type { Progress } from '../domain/progress.ts';
import { trialName } from '../domain/rerun.ts';
import { bestText, gainText, isAside } from './view.ts';
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
  const trials =
    live === null ? told.trials : lanesOf(live).map((lane) => trialText(lane, told, beatOf(snapshot, lane)?.phase));
  const known = told.trials.map(withoutCount);
  const lines = [
    ...(view.status === told.status ? [] : [statusText(view)]),
    ...(view.baseline !== null && !told.baseline ? [baselineText(view)] : []),
    ...ends.map((end) => endText(end, view)),
    ...trials.filter((trial) => trial !== '' && !known.includes(withoutCount(trial))),
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
  const best = counts.total === 0 ? '' : ` · best ${bestText(view)} · gain ${gainText(view)}`;
  return `${view.session} · ${view.status}${why}${far}${best}`;
}

function baselineText({ baseline, noise, metric }: SessionView): string {
  if (baseline === null) return '';
  const spread = noise === null ? 'noise unknown' : `noise ${figure(noise, 2)}`;
  return `baseline · ${withError(baseline)} ${metric} · ${baseline.trials} trials, ${spread}`;
}

/** What a device is at with a trial once its task is prepared; before that its beats say what `prepare` says. */
const WITH_THE_TRIAL: ReadonlySet<string> = new Set<Progress['phase']>(['preparing', 'waiting', 'training', 'ending']);
/** The first beat: whether something has to be prepared, it does not know yet. */
const LOOKS = 'checkout';
const PREPARES = 'preparing: ';

/** What a lane's device is at, with the last beat that is known of it; empty while there is nothing to tell. */
function trialText(running: RunningTrial, { trials }: Told, phase: string = LOOKS): string {
  if (running.stage !== 'train') return '';
  const { experiment, trial, seed, seconds, hypothesis } = running;
  const which = isAside(running)
    ? plain(hypothesis)
    : `${experiment === 0 ? 'baseline' : `experiment ${experiment}`} · trial ${trialName(trial)}`;
  const why = isAside(running) || experiment === 0 || hypothesis === '' ? '' : ` · ${plain(hypothesis)}`;
  const training = `${which} · training ${seconds} s · ${seed === 'fresh' ? 'a fresh seed' : `seed ${seed}`}${why}`;
  // Told once, it stays told, though another worker that takes it over begins by looking.
  if (WITH_THE_TRIAL.has(phase) || trials.includes(training)) return training;
  return phase === LOOKS ? '' : `${which} · ${PREPARES}${plain(phase).replace(/^prepare: /, '')}`;
}

/** A preparation that counts is told once: `numpy, 4 s…` is what `numpy, 2 s…` was. */
const withoutCount = (text: string): string => (text.includes(PREPARES) ? text.replaceAll(/\d+/g, '0') : text);

/** `experiment 12 · keep · 2.8512 → 2.7911 (gain 0.0601, noise 0.012) · LEARNING_RATE 0.001 -> 0.0023`. */
export function endText(end: ExperimentLine, view: Pick<SessionView, 'direction' | 'noise'>): string {
  const { experiment, verdict, value, gain, hypothesis, reason, incumbent } = end;
  const noise = view.noise === null ? 'noise unknown' : `noise ${figure(view.noise, 2)}`;
  const judged =
    value === null || gain === null || verdict === 'quarantine'
      ? plain(reason)
      : `${figure(incumbent ?? before(value, gain, view.direction))} → ${figure(value)} (gain ${figure(gain, 3)}, ${noise})`;
  const why = hypothesis === '' ? [] : [plain(hypothesis)];
  return [`experiment ${experiment}`, verdict, judged, ...why].join(' · ');
}

/** The incumbent's value that a gain was measured against. */
const before = (value: number, gain: number, direction: Direction): number =>
  direction === 'minimize' ? value + gain : value - gain;
