// A trial as the ledger keeps it, for tests that care about a few of its fields.
import type { Trial } from '../../src/domain/experiment.ts';

const AT = '2026-11-25T00:00:00.000Z';

/** A trial of the baseline that ended well, but for what is told otherwise. */
export function newTrial(more: Partial<Trial> = {}): Trial {
  return {
    trial: 1,
    role: 'baseline',
    commit: 'base',
    seed: more.trial ?? 1,
    value: 1,
    metrics: {},
    seconds: 1,
    budgetSeconds: 1,
    startedAt: AT,
    endedAt: AT,
    hostId: 'h',
    device: 'cpu',
    deviceClass: 'c',
    dataHash: 'd',
    tier: 'B',
    ...more,
  };
}

/** A candidate's trial of a minute. */
export const trialOf = (more: Partial<Trial> = {}): Trial =>
  newTrial({ role: 'candidate', commit: 'a'.repeat(40), seconds: 61, budgetSeconds: 60, ...more });
