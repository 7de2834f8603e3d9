// What the baseline's trials say beside the noise itself: how much of it is the machine's, and what is wrong with it.
import type { Trial } from './experiment.ts';
import { stepsPerSecond } from './drift.ts';
import { seenOf } from './machine.ts';
import { gainOver } from './metric.ts';
import { mean, sampleSd } from './noise.ts';
import type { Task } from './task.ts';
import { figure } from './sentence.ts';

/** Noise above so many times what it used to be on this kind of device is no chance any more. */
const NOISY = 2;

/** The noise that a calibration shows by itself, sd of one trial; null for fewer than two values. */
export function shownNoise(trials: readonly Trial[]): number | null {
  return sampleSd(valuesOf(trials, 'baseline'));
}

/** The noise of the machine alone, sd of one trial: from the trials with the first seed; null without repeats. */
export function machineNoise(trials: readonly Trial[]): number | null {
  const first = trials.find(({ role, value }) => role === 'baseline' && value !== null);
  const repeats = valuesOf(trials, 'repeat');
  return first?.value == null ? null : sampleSd([first.value, ...repeats]);
}

/**
 * How much the machine's speed varied over the baseline's trials: relative sd of its steps per second, which is the
 * machine's share of the noise wherever more steps make a better score; null where steps are not counted.
 */
export function speedVariation(trials: readonly Trial[]): number | null {
  const speeds = trials.flatMap((trial) => stepsPerSecond(trial) ?? []);
  const sd = sampleSd(speeds);
  return sd === null ? null : sd / mean(speeds);
}

/** Seeds that change nothing while the same seed gives two values: one of the two is not as the task says. */
export function repeatProblem(trials: readonly Trial[]): string | null {
  const values = valuesOf(trials, 'baseline');
  const noise = machineNoise(trials);
  if (noise === null || noise === 0 || shownNoise(trials) !== 0) return null;
  const [first] = values;
  const other = valuesOf(trials, 'repeat').find((value) => value !== first);
  return `Expected the baseline's first seed to give ${first} again, as all its seeds did, got ${other}: training or scoring depends on something that is no seed.`;
}

/** A baseline that scores what no honest program can: the bound, or the scorer, is wrong; null where it does not. */
export function boundProblem(trials: readonly Trial[], { metric }: Pick<Task, 'metric'>): string | null {
  const { bound, direction, name } = metric;
  if (bound === undefined) return null;
  const beyond = valuesOf(trials, 'baseline').find((value) => gainOver(bound, value, direction) > 0);
  if (beyond === undefined) return null;
  return `Expected no ${name} to be better than \`metric.bound\` (${bound}), got ${figure(beyond)} of the baseline: the bound or the scorer is wrong.`;
}

/** Of a metric that takes few values one trial may score alike on two sets of data by chance; fewer trials tell nothing. */
export const SEALED_TRIALS = 2;

/** What is wrong with the baseline's sealed scores: they are the others', or not there; null where nothing is. */
export function sealedProblem(
  trials: readonly Trial[],
  { score, target }: Pick<Task, 'score' | 'target'>,
): string | null {
  const own = trials.filter(({ role }) => role === 'baseline');
  const told = own.filter(({ sealed }) => sealed !== undefined);
  if (score?.sealed !== true) return null;
  if (told.length === 0)
    return 'The scorer gave no value of the baseline on sealed data (`AUTORESEARCH_SPLIT=sealed`).';
  // With a target the score is how soon it was reached, whatever the data.
  if (target !== undefined || told.length < SEALED_TRIALS || told.some(({ value, sealed }) => sealed?.value !== value))
    return null;
  return `The scorer gave exactly the same value on sealed data as on the others, in ${told.length} of ${told.length} trials of the baseline: it seems to heed no AUTORESEARCH_SPLIT, and no audit would show anything.`;
}

/** A sentence for a machine that is much noisier than it used to be on this task, with what was seen of it; null while it is not. */
export function noiseProblem(trials: readonly Trial[], earlier: number | null): string | null {
  const noise = shownNoise(trials);
  if (noise === null || earlier === null || noise <= NOISY * earlier) return null;
  const alone = machineNoise(trials);
  const share =
    alone === null
      ? 'no seed was repeated to show how much of it is the machine'
      : alone > noise / 2
        ? 'the same seed varies as much, so it is the machine'
        : 'the machine alone does not vary as much';
  return `The noise is ${figure(noise, 2)}, more than twice the ${figure(earlier, 2)} of earlier sessions on this kind of device; ${share} (${whatWasSeen(trials)}).`;
}

/** What the trials say of their machine, for a person who looks for the cause. */
function whatWasSeen(trials: readonly Trial[]): string {
  const speed = speedVariation(trials);
  const steps = speed === null ? [] : [`steps per second that vary by ${(100 * speed).toFixed(1)} %`];
  const seen = [...steps, ...seenOf(trials.flatMap(({ environment }) => environment ?? []))];
  return seen.length === 0 ? 'nothing else was seen of it' : `seen in its trials: ${seen.join(', ')}`;
}

const valuesOf = (trials: readonly Trial[], wanted: Trial['role']): number[] =>
  trials.flatMap(({ role, value }) => (role === wanted && value !== null ? [value] : []));
