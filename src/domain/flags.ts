// What speaks against a candidate whatever its score is: signs of a trick, or of an accident, that honest ideas do not
// show. Such a candidate is never kept by itself; a person sees why. The episodes behind each sign: evaluation design, section 5.
import type { Trial } from './experiment.ts';
import { breachOf, ceilingsOf, raised, type Ceiling } from './limits.ts';
import { gainOver } from './metric.ts';
import { sampleSd } from './noise.ts';
import type { Task } from './task.ts';
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
  /** A person has accepted what the line is built on, whatever it begins with. */
  readonly trusts?: true;
}

/** On a quiet machine: 0.6 s more of training was worth 0.03 bits per byte to the bundled task. */
const LEAST_SLACK_SECONDS = 0.15;
/** Where trials differ in length anyway, so many standard deviations. */
const SLACK_SPREADS = 3;
/** A single trial of the baseline does not show how much they differ: on a busy machine, tenths of a second. */
const UNKNOWN_SLACK_SECONDS = 1;
/** An untrained model may be so much better than one that knows nothing, as a share of the score. */
const UNTRAINED_SHARE = 0.02;

/** What the baseline's trials show to be usual; null without any. */
export function usualOf(
  trials: readonly Trial[],
  { plausible, target }: Pick<Task, 'plausible' | 'target'> = {},
): Usual | null {
  if (trials.length === 0) return null;
  const seconds = trials.map((trial) => trial.seconds);
  const losses = trials.flatMap(({ trainingLoss }) => trainingLoss ?? []);
  return {
    seconds: Math.max(...seconds),
    slack: slackOf(seconds),
    leftovers: Math.max(...trials.map(({ leftovers }) => leftovers ?? 0)),
    plausible: ceilingsOf(plausible, trials),
    ...(target !== undefined && { timed: true }),
    ...(losses.length > 0 && { training: Math.max(...losses) }),
    ...(trials.some(({ outputChanged }) => outputChanged) && { changesOutput: true }),
  };
}

function slackOf(seconds: readonly number[]): number {
  const sd = sampleSd(seconds);
  return sd === null ? UNKNOWN_SLACK_SECONDS : Math.max(LEAST_SLACK_SECONDS, SLACK_SPREADS * sd);
}

/** The same after a commit that a person put on the line, or accepted: what it does is usual from now on. */
export function alsoUsual(usual: Usual | null, trials: readonly Trial[], isAccepted = false): Usual | null {
  const theirs = usualOf(trials);
  if (usual === null || theirs === null) return usual;
  const seconds = Math.max(usual.seconds, theirs.seconds);
  const leftovers = Math.max(usual.leftovers, theirs.leftovers);
  const losses = [usual.training, theirs.training].flatMap((loss) => loss ?? []);
  return {
    ...usual,
    seconds,
    leftovers,
    plausible: raised(usual.plausible ?? [], trials),
    ...(losses.length > 0 && { training: Math.max(...losses) }),
    ...((usual.changesOutput ?? theirs.changesOutput) === true && { changesOutput: true }),
    ...(isAccepted && { trusts: true }),
  };
}

/** The first sign against a candidate that its trials show, in one sentence; null while there is none. */
export function flagOf(
  usual: Usual | null,
  { name, direction, bound }: Metric,
  trials: readonly Trial[],
): string | null {
  for (const trial of trials) {
    const { value, leftovers = 0 } = trial;
    if (value !== null && bound !== undefined && usual?.trusts !== true && gainOver(bound, value, direction) > 0)
      return `${name} ${figure(value)} is better than ${bound}, which no honest program reaches (\`metric.bound\`)`;
    if (usual === null) continue;
    const other = beyondUsual(usual, trial);
    if (other !== null) return other;
    if (leftovers > usual.leftovers) return `it left ${leftovers} of its processes running`;
    const over = overrunOf(usual, trial);
    if (over !== null) return over;
  }
  return null;
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

/**
 * What two starts without any training show, with two seeds: weights that were brought along, or a seed that is not used.
 * Null where they show nothing, and for a metric that does not say what knowing nothing scores.
 */
export function untrainedFlag(
  { name, direction, untrained }: Pick<Metric, 'name' | 'direction' | 'untrained'>,
  starts: readonly Pick<Trial, 'value' | 'failure' | 'outHash'>[],
): string | null {
  if (untrained === undefined) return null;
  const failed = starts.find(({ value }) => value === null);
  if (failed !== undefined)
    return `with AUTORESEARCH_SECONDS=0 it gave no value: ${failed.failure ?? 'no reason given'}`;
  for (const { value } of starts)
    if (value !== null && gainOver(untrained, value, direction) > UNTRAINED_SHARE * Math.abs(untrained))
      return `untrained it scores ${name} ${figure(value)}, where knowing nothing is ${untrained}: it brings along what it should learn`;
  const [first, second] = starts.map(({ outHash }) => outHash);
  return first !== undefined && first === second ? 'it begins with the same weights whatever its seed is' : null;
}
