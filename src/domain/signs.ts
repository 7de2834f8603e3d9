// Signs against a candidate that no trial of a baseline can make usual: a score that is impossible, and what it shows when
// it is started without training. Each is taken for usual once a person has accepted a candidate that shows it.
import type { Trial } from './experiment.ts';
import { gainOver } from './metric.ts';
import { figure } from './sentence.ts';
import { asAsked, askedMetric } from './target.ts';
import type { Task } from './task.ts';

type Metric = Task['metric'];

/**
 * `bound`: better than the task's bound. Of starts without training: `start`: one gave no value; `untrained`: one knew
 * something already; `weights`: two were equal on two seeds.
 */
export type Sign = 'bound' | 'start' | 'untrained' | 'weights';

/** An untrained model may be so much better than one that knows nothing, as a share of the score. */
const UNTRAINED_SHARE = 0.02;

/** Which of them an accepted candidate shows, by its trials and its starts without training. */
export function signsOf(
  task: Pick<Task, 'metric' | 'target'>,
  trials: readonly Trial[],
  starts: readonly Trial[] = [],
): Sign[] {
  const isBeyond = trials.some((trial) => beyondBound(task.metric, trial) !== null);
  const shown = startSigns(askedMetric(task), asAsked(task, starts)).map(({ sign }) => sign);
  return isBeyond ? ['bound', ...shown] : shown;
}

/** Why a score is impossible, in one sentence; null where it is not. */
export function beyondBound({ name, direction, bound }: Metric, { value }: Pick<Trial, 'value'>): string | null {
  if (value === null || bound === undefined || gainOver(bound, value, direction) <= 0) return null;
  return `${name} ${figure(value)} is better than ${bound}, which no honest program reaches (\`metric.bound\`)`;
}

/**
 * What two starts without any training show, with two seeds, in one sentence: weights that were brought along, or a seed
 * that is not used. Null where they show nothing but what is accepted, and for a metric that does not say what knowing
 * nothing scores.
 */
export function untrainedFlag(
  metric: Pick<Metric, 'name' | 'direction' | 'untrained'>,
  starts: readonly Start[],
  accepts: readonly Sign[] = [],
): string | null {
  return startSigns(metric, starts).find(({ sign }) => !accepts.includes(sign))?.reason ?? null;
}

type Start = Pick<Trial, 'value' | 'failure' | 'outHash'>;

function startSigns(
  { name, direction, untrained }: Pick<Metric, 'name' | 'direction' | 'untrained'>,
  starts: readonly Start[],
): { readonly sign: Sign; readonly reason: string }[] {
  if (untrained === undefined) return [];
  const failed = starts.find(({ value }) => value === null);
  const knows = (value: number): boolean =>
    gainOver(untrained, value, direction) > UNTRAINED_SHARE * Math.abs(untrained);
  const known = starts.flatMap(({ value }) => value ?? []).find(knows);
  const [first, second] = starts.map(({ outHash }) => outHash);
  const shown = (sign: Sign, reason: string) => [{ sign, reason }];
  return [
    ...(failed === undefined
      ? []
      : shown('start', `with AUTORESEARCH_SECONDS=0 it gave no value: ${failed.failure ?? 'no reason given'}`)),
    ...(known === undefined
      ? []
      : shown(
          'untrained',
          `untrained it scores ${name} ${figure(known)}, where knowing nothing is ${untrained}: it brings along what it should learn`,
        )),
    ...(first !== undefined && first === second
      ? shown('weights', 'it begins with the same weights whatever its seed is')
      : []),
  ];
}
