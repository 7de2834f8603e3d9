import type { Trained } from '../activities/contract.ts';
import type { Scored } from '../src/domain/scored.ts';
import { crashSentence } from '../src/domain/crash.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { brokenLimit, type Ceiling } from '../src/domain/limits.ts';
import { missOf, timed, type Target } from '../src/domain/target.ts';

/** Which trial it was. */
export type TrialName = Pick<Trial, 'trial' | 'role' | 'commit' | 'seed' | 'budgetSeconds'>;

/** What a task asks of its trials beside a value. */
export interface Terms {
  readonly ceilings: readonly Ceiling[];
  readonly target: Target | undefined;
}

/**
 * A trial as records have it, from what the device said; a candidate that misses the task's target, or is over one of its
 * limits, has failed a check.
 */
export function asTrial(name: TrialName, trained: Trained, scored: Scored, { ceilings, target }: Terms): Trial {
  const { startedAt, endedAt, seconds, hostId, device, deviceClass, dataHash, facts } = trained;
  const over = Math.round(1000 * (seconds - name.budgetSeconds)) / 1000;
  const trial: Trial = {
    ...name,
    ...outcomeOf(trained, scored, target),
    startedAt,
    endedAt,
    seconds,
    hostId,
    device,
    deviceClass,
    dataHash,
    ...facts,
    ...(over > 0 && { overrunSeconds: over }),
  };
  if (name.role !== 'candidate') return trial;
  const failedCheck = missOf(target, trial) ?? trial.failedCheck ?? brokenLimit(ceilings, trial);
  return failedCheck === undefined ? trial : { ...trial, failedCheck };
}

/** The same with its score on sealed data, which audits compare with. A target has to be reached on those too. */
export function withSealed(
  trial: Trial,
  sealed: Extract<Scored, { kind: 'value' }>,
  target: Target | undefined,
): Trial {
  const { value, documents } = sealed;
  if (target === undefined) return { ...trial, sealed: { value, ...(documents !== undefined && { documents }) } };
  const missed = trial.missed ?? timed(target, sealed, trial.seconds).missed;
  return { ...trial, sealed: { value: trial.seconds }, ...(missed !== undefined && { missed }) };
}

type Outcome = Pick<
  Trial,
  'value' | 'failure' | 'crash' | 'failedCheck' | 'missed' | 'metrics' | 'tier' | 'documents' | 'outputChanged'
>;

function outcomeOf(trained: Trained, scored: Scored, target: Target | undefined): Outcome {
  if (scored.kind === 'none') {
    const crash = trained.crash ?? scored.crash;
    const failure = crashSentence(crash, scored.failure);
    return { value: null, failure, ...(crash !== undefined && { crash }), metrics: {}, tier: 'B' };
  }
  const { value, metrics, tier, failedCheck, documents, outputChanged } = scored;
  return {
    value,
    ...(failedCheck !== undefined && { failedCheck }),
    metrics: { ...metrics },
    tier,
    ...(outputChanged === true && { outputChanged }),
    // Sums of another number than the one that is judged say nothing of its error.
    ...(target === undefined ? documents !== undefined && { documents } : timed(target, scored, trained.seconds)),
  };
}
