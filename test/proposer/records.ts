// A record as the ledger has it, for tests that care for a few of its fields.
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { trialOf } from '../domain/trials.ts';

/** A discarded experiment 7 of `search`, but for what is said. */
export const recordOf = (more: Partial<ExperimentRecord> = {}): ExperimentRecord => ({
  version: 1,
  experiment: 7,
  verdict: 'discard',
  reason: 'hardly a gain worth having',
  hypothesis: 'WIDTH 8 -> 16',
  proposer: 'search',
  base: 'b',
  candidate: 'c',
  tree: 't',
  edit: [],
  trials: [trialOf()],
  value: 2.81,
  gain: 0.03,
  noise: 0.01,
  incumbent: { commit: 'b', value: 2.84 },
  rule: 'default',
  startedAt: '2026-11-25T00:00:00.000Z',
  endedAt: '2026-11-25T00:01:00.000Z',
  ...more,
});
