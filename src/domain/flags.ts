// What speaks against a candidate whatever its score is: signs of a trick, or of an accident, that honest ideas do not
// show. Such a candidate is never kept by itself; a person sees why. The episodes behind each sign: evaluation design, section 5.
import type { Trial } from './experiment.ts';
import { breachOf, ceilingsOf, raised, type Ceiling } from './limits.ts';
import { sampleSd } from './noise.ts';
import type { Task } from './task.ts';
import { beyondBound, type Sign } from './signs.ts';
import { heedsSeed, sameOnSeeds, unsteadyIn } from './same-on-seeds.ts';
import { figure } from './sentence.ts';

type Metric = Task['metric'];

/** What is usual of a training here, by the baseline's trials. */
export interface Usual {
  /** Time is what is scored: the clock that counts it holds it against nobody. */
  readonly timed?: true;
  /** Wall clock of the slowest, and how much more is no sign yet. */
  readonly seconds: number;
  readonly slack: number;
  /** Processes that outlived one. */
  readonly leftovers: number;
  /** The worst loss that it printed of itself, where the task says which that is; absent in older sessions. */
  readonly training?: number;
  /** What no honest candidate takes more of; absent likewise. */
  readonly plausible?: readonly Ceiling[];
  /** What it left was written to after its end; nobody holds that against a candidate then. */
  readonly changesOutput?: true;
  /** The baseline's trials differ with their seeds; absent where they do not, or nobody could tell. */
  readonly seeded?: true;
  /** The metrics that differ between trials with one seed; absent: none, or nobody could tell. */
  readonly unsteady?: readonly string[];
  /** Signs of what a person accepted, on which the line is built: they speak against nobody any more. */
  readonly accepts?: readonly Sign[];
}

/** On a quiet machine: 0.6 s more of training was worth 0.03 bits per byte to the bundled task. */
const LEAST_SLACK_SECONDS = 0.15;
/** Where trials differ in length anyway, so many standard deviations. */
const SLACK_SPREADS = 3;
/** A single trial of the baseline does not show how much they differ: on a busy machine, tenths of a second. */
const UNKNOWN_SLACK_SECONDS = 1;
/** What the baseline's trials show to be usual; null without any. */
export function usualOf(
  trials: readonly Trial[],
  { plausible, target }: Pick<Task, 'plausible' | 'target'> = {},
): Usual | null {
  if (trials.length === 0) return null;
  const seconds = trials.map((trial) => trial.seconds);
  const losses = trials.flatMap(({ trainingLoss }) => trainingLoss ?? []);
  const unsteady = unsteadyIn(trials);
  return {
    seconds: Math.max(...seconds),
    slack: slackOf(seconds),
    leftovers: Math.max(...trials.map(({ leftovers }) => leftovers ?? 0)),
    plausible: ceilingsOf(plausible, trials),
    ...(target !== undefined && { timed: true }),
    ...(losses.length > 0 && { training: Math.max(...losses) }),
    ...(trials.some(({ outputChanged }) => outputChanged) && { changesOutput: true }),
    ...(heedsSeed(trials, unsteady) && { seeded: true }),
    ...(unsteady.length > 0 && { unsteady }),
  };
}

function slackOf(seconds: readonly number[]): number {
  const sd = sampleSd(seconds);
  return sd === null ? UNKNOWN_SLACK_SECONDS : Math.max(LEAST_SLACK_SECONDS, SLACK_SPREADS * sd);
}

/**
 * The same after a commit that a person put on the line, or accepted: what it does is usual from now on. `signs`: what
 * else an accepted one showed.
 */
export function alsoUsual(usual: Usual | null, trials: readonly Trial[], signs: readonly Sign[] = []): Usual | null {
  const theirs = usualOf(trials);
  if (usual === null || theirs === null) return usual;
  const seconds = Math.max(usual.seconds, theirs.seconds);
  const leftovers = Math.max(usual.leftovers, theirs.leftovers);
  const losses = [usual.training, theirs.training].flatMap((loss) => loss ?? []);
  const { seeded, accepts = [], ...before } = usual;
  const accepted = [...new Set([...accepts, ...signs])];
  return {
    ...before,
    seconds,
    leftovers,
    plausible: raised(usual.plausible ?? [], trials),
    ...(losses.length > 0 && { training: Math.max(...losses) }),
    ...((usual.changesOutput ?? theirs.changesOutput) === true && { changesOutput: true }),
    ...(seeded === true && sameOnSeeds(ownOf(trials), usual.unsteady) === null && { seeded }),
    ...(accepted.length > 0 && { accepts: accepted }),
  };
}

/** Without those of the incumbent, which may have been measured again beside it. */
function ownOf(trials: readonly Trial[]): readonly Trial[] {
  const own = trials.filter(({ role }) => role === 'candidate');
  return own.length === 0 ? trials : own;
}

/** The first sign against a candidate that its trials show, in one sentence; null while there is none. */
export function flagOf(usual: Usual | null, metric: Metric, trials: readonly Trial[]): string | null {
  for (const trial of trials) {
    const { leftovers = 0 } = trial;
    const impossible = usual?.accepts?.includes('bound') === true ? null : beyondBound(metric, trial);
    if (impossible !== null) return impossible;
    if (usual === null) continue;
    const other = beyondUsual(usual, trial);
    if (other !== null) return other;
    if (leftovers > usual.leftovers) return `it left ${leftovers} of its processes running`;
    const over = overrunOf(usual, trial);
    if (over !== null) return over;
  }
  return usual?.seeded === true ? seedlessFlag(metric, sameOnSeeds(trials, usual.unsteady)) : null;
}

function seedlessFlag({ name }: Metric, same: ReturnType<typeof sameOnSeeds>): string | null {
  if (same === null) return null;
  return `with ${same.seeds} seeds it gives exactly the same ${name} ${same.value}, as the baseline does not: it ignores its seed`;
}

/** How much longer than its budget and any trial of the baseline it ran, in one sentence; null where that is no sign. */
export function overrunOf(
  usual: Usual,
  { seconds, budgetSeconds }: Pick<Trial, 'seconds' | 'budgetSeconds'>,
): string | null {
  const over = seconds - Math.max(usual.seconds, budgetSeconds);
  if (usual.timed === true || over <= usual.slack) return null;
  return `it ran for ${figure(seconds)} s, ${figure(over)} s longer than any trial of the baseline`;
}

/** More than the task calls plausible, or other than what is usual. */
function beyondUsual({ plausible = [], training, changesOutput }: Usual, trial: Trial): string | null {
  const breach = breachOf(plausible, trial);
  if (breach !== undefined) return `${breach} (\`plausible\`)`;
  if (trial.outputChanged === true && changesOutput !== true)
    return 'what it left was written to after its training had ended';
  const { trainingLoss } = trial;
  if (training !== undefined && trainingLoss !== undefined && trainingLoss > training)
    return `it scores better, yet its training loss ${figure(trainingLoss)} is worse than that of any trial of the baseline (${figure(training)}; \`metric.training\`)`;
  return null;
}
