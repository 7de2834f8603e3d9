// The task's limits: what a candidate may take at most, as a number or relative to the baseline. One that is broken
// works like a check that failed: such a candidate is never kept, however good its value is.
import type { Trial } from './experiment.ts';
import type { Task } from './task.ts';
import { figure } from './sentence.ts';

/** A limit in absolute terms, and what it was reckoned from. */
export interface Ceiling {
  readonly name: string;
  readonly most: number;
  /** The largest that the baseline took, where the limit is relative to it. */
  readonly baseline?: number;
}

/** What the harness measures itself; what a training prints under these names counts only where it could not. */
const MEASURED: ReadonlyMap<string, (trial: Trial) => number | undefined> = new Map([
  ['peak_memory_mb', ({ peakMemoryMb }: Trial) => peakMemoryMb],
  ['peak_vram_mb', ({ peakVramMb }: Trial) => peakVramMb],
]);

const takenBy = (trial: Trial, name: string): number | undefined =>
  MEASURED.get(name)?.(trial) ?? (Object.hasOwn(trial.metrics, name) ? trial.metrics[name] : undefined);

/** The largest that any trial of the baseline took, so that code like it never breaks a limit of `1.0x`. */
function baselineOf(name: string, baseline: readonly Trial[]): number | undefined {
  const taken = baseline.flatMap((trial) => takenBy(trial, name) ?? []);
  return taken.length === 0 ? undefined : Math.max(...taken);
}

/** Limits as the baseline makes them; one that the baseline does not show is left out. */
export function ceilingsOf(limits: Task['limits'], baseline: readonly Trial[]): Ceiling[] {
  return Object.entries(limits ?? {}).flatMap(([name, limit]) => {
    const taken = baselineOf(name, baseline);
    if (taken === undefined) return [];
    if (typeof limit === 'number') return [{ name, most: limit }];
    return [{ name, most: Number(limit.slice(0, -1)) * taken, baseline: taken }];
  });
}

/** The same ceilings, above whatever these trials took. */
export const raised = (ceilings: readonly Ceiling[], trials: readonly Trial[]): Ceiling[] =>
  ceilings.map((ceiling) => {
    const taken = trials.flatMap((trial) => takenBy(trial, ceiling.name) ?? []);
    return { ...ceiling, most: Math.max(ceiling.most, ...taken) };
  });

/** What a person has to know when the baseline does not show everything that is limited; null when it does. */
export function unmeasuredLimit(
  { limits, plausible }: Pick<Task, 'limits' | 'plausible'>,
  baseline: readonly Trial[],
): string | null {
  const missing = Object.keys({ ...limits, ...plausible }).filter((name) => baselineOf(name, baseline) === undefined);
  if (missing.length === 0) return null;
  const names = missing.map((name) => `\`${name}\``).join(', ');
  return `The task limits ${names}, which no trial of the baseline shows: the harness measures peak_memory_mb, with nvidia-smi peak_vram_mb, and reads others off METRIC lines. Resume to go on without; or stop the session and mend the task.`;
}

/** Which limit a candidate's trial breaks, in one sentence; undefined when it keeps them all, or has no value anyway. */
export function brokenLimit(ceilings: readonly Ceiling[], trial: Trial): string | undefined {
  if (trial.value === null) return undefined;
  const breach = breachOf(ceilings, trial);
  return breach === undefined ? undefined : `limit broken: ${breach}`;
}

/** What a trial takes beyond the first ceiling that it passes, in words; undefined when it passes none. */
export function breachOf(ceilings: readonly Ceiling[], trial: Trial): string | undefined {
  return ceilings.map((ceiling) => wordsFor(ceiling, trial)).find((words) => words !== undefined);
}

function wordsFor({ name, most, baseline }: Ceiling, trial: Trial): string | undefined {
  const taken = takenBy(trial, name);
  // What the harness missed is not the candidate's doing; what the baseline printed and the candidate does not is.
  if (taken === undefined) return MEASURED.has(name) ? undefined : `it does not say its ${name}`;
  if (taken <= most) return undefined;
  const beside =
    baseline === undefined ? '' : ` (${figure(most / baseline, 4)} times the baseline's ${figure(baseline, 4)})`;
  return `${name} was ${figure(taken, 4)}, at most ${figure(most, 4)} is allowed${beside}`;
}
