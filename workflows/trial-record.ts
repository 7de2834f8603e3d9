import type { Scored, Trained } from '../activities/contract.ts';
import { crashSentence } from '../src/domain/crash.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { brokenLimit, type Ceiling } from '../src/domain/limits.ts';

/** Which trial it was. */
export type TrialName = Pick<Trial, 'trial' | 'role' | 'commit' | 'seed' | 'budgetSeconds'>;

/** A trial as records have it, from what the device said; a candidate over a limit of the task has failed a check. */
export function asTrial(name: TrialName, trained: Trained, scored: Scored, ceilings: readonly Ceiling[]): Trial {
  const { startedAt, endedAt, seconds, hostId, device, deviceClass, dataHash, facts } = trained;
  const over = Math.round(1000 * (seconds - name.budgetSeconds)) / 1000;
  const trial: Trial = {
    ...name,
    ...outcomeOf(trained, scored),
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
  const broken = name.role === 'candidate' ? brokenLimit(ceilings, trial) : undefined;
  return broken === undefined || trial.failedCheck !== undefined ? trial : { ...trial, failedCheck: broken };
}

type Outcome = Pick<
  Trial,
  'value' | 'failure' | 'crash' | 'failedCheck' | 'metrics' | 'tier' | 'documents' | 'outputChanged'
>;

function outcomeOf(trained: Trained, scored: Scored): Outcome {
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
    ...(documents !== undefined && { documents }),
    ...(outputChanged === true && { outputChanged }),
  };
}
