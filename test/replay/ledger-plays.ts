// The plays of sessions whose ledger knows more than their server: continued from it, or set back to an older copy.
import type { Proposed, Recorded } from '../../src/domain/proposed.ts';
import { begin } from '../../src/domain/course.ts';
import type { Trial } from '../../src/domain/experiment.ts';
import { NO_COUNTS } from '../../src/domain/counts.ts';
import { TRAINED } from '../support/fake-world.ts';
import { better, only, scored, worse, type Play } from './play.ts';

const at = '2025-11-23T20:00:00.000Z';
const proposal = (experiment: number, base: string): Proposed => ({
  kind: 'proposal',
  candidate: `c${experiment}`,
  base,
  hypothesis: `idea ${experiment}`,
});

/** What the ledger has of an experiment that this run comes to a second time. */
const standing = (experiment: number, verdict: 'keep' | 'discard'): Recorded => ({
  kind: 'recorded',
  line: {
    experiment,
    verdict,
    value: verdict === 'keep' ? 0.5 : 2,
    gain: verdict === 'keep' ? 0.5 : -1,
    hypothesis: `idea ${experiment}`,
    reason: '',
    trials: 1,
  },
  candidate: `c${experiment}`,
  seconds: 1,
  tried: {
    experiment,
    verdict,
    candidate: `c${experiment}`,
    rule: 'greedy',
    trials: [{ trial: 1, role: 'candidate', commit: `c${experiment}`, value: verdict === 'keep' ? 0.5 : 2 }],
  },
  tier: 'B',
});

const BASELINE: Trial = {
  trial: 1,
  role: 'baseline',
  commit: 'base',
  seed: 11,
  value: 1,
  metrics: {},
  seconds: 1,
  budgetSeconds: 1,
  startedAt: at,
  endedAt: at,
  hostId: 'host',
  device: 'cpu',
  deviceClass: 'test',
  dataHash: 'data',
  tier: 'B',
};

/** What the ledger knows already. */
export const LEDGERS: Readonly<Record<string, Play>> = {
  // Its baseline, five experiments and a number that was given out; the input of the opening holds.
  'continued-from-its-ledger': {
    input: { continueFrom: 'night' },
    world: (_session, contract) => ({
      open: async ({ session }) => ({
        ...contract(session),
        continued: {
          input: { experiments: 6, lookahead: 0, rule: 'greedy' },
          course: begin({ commit: 'base', trials: [BASELINE], prior: 0.1 }, 'minimize', null),
          tier: 'A',
          counts: { ...NO_COUNTS, total: 5, discarded: 5 },
          trainedSeconds: 60,
          nextExperiment: 6,
          nextEvent: 3,
          givenOut: 7,
          last: [],
        },
      }),
      evaluate: async ({ experiment }) => worse(experiment),
    }),
  },
  // Its opening alone: the baseline is measured.
  'continued-before-its-baseline': {
    input: { continueFrom: 'night' },
    world: (_session, contract) => ({
      open: async ({ session }) => ({
        ...contract(session),
        continued: {
          input: only(1),
          course: null,
          tier: null,
          counts: NO_COUNTS,
          trainedSeconds: 0,
          nextExperiment: 1,
          nextEvent: 2,
          givenOut: 0,
          last: [],
        },
      }),
      evaluate: async ({ experiment }) => worse(experiment),
    }),
  },
  // A database that was set back: a keep and a discard stand already, then the search goes on.
  'recorded-already': {
    input: only(3),
    world: () => ({
      propose: async ({ experiment, base }) => {
        if (experiment === 1) return standing(1, 'keep');
        return experiment === 2 ? standing(2, 'discard') : proposal(experiment, base);
      },
      evaluate: async ({ experiment }) => worse(experiment),
    }),
  },
  // The same, seen only when the verdict is written: by `commit` and by `revert`.
  'recorded-when-written': {
    input: only(2),
    world: () => ({
      evaluate: async ({ experiment }) => (experiment === 1 ? better(experiment) : scored(3)),
      commit: async () => standing(1, 'keep'),
      revert: async ({ record }) => standing(record.experiment, 'discard'),
    }),
  },
  // The end stands already, and so does an event in the place of this end.
  'ended-already': {
    input: only(5),
    world: () => ({
      propose: async ({ experiment, base }) =>
        experiment > 1 ? { kind: 'ended', reason: 'stopped by a person' } : proposal(experiment, base),
      evaluate: async ({ experiment }) => worse(experiment),
      record: async ({ index }) =>
        index === 2
          ? { version: 1, kind: 'moved', at, from: 'base', to: 'base', after: 1, trials: [] }
          : index === 3
            ? { version: 1, kind: 'end', at, status: 'done', reason: 'stopped by a person' }
            : undefined,
    }),
  },
  // The audit stands already, after an event that this run does not know.
  'audited-already': {
    input: { experiments: 1, calibration: 1, rule: 'greedy', audit: 'end' },
    world: () => ({
      // Most of its trials give nothing, which keeps the history short.
      train: async ({ trial }) => (trial > 1_000_007 ? { ...TRAINED, failure: 'exit code 1' } : TRAINED),
      evaluate: async ({ experiment, trial }) => scored((experiment === 0 ? 1 : 0.5) + (trial % 3) / 100),
      record: async ({ event, index }) => {
        if (event.kind !== 'audit') return undefined;
        return index === 2 ? { ...event, commit: 'another' } : event;
      },
    }),
  },
};
