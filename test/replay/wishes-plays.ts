// The plays of what people wish for beside the search, and of who cannot answer.
import { approveUpdate, patchUpdate, pinUpdate, statusQuery, vetoUpdate } from '../../workflows/messages.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';
import { better, only, whileScoring, whileTraining, worse, type Play, type Session } from './play.ts';

const DIFF = '--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-A = 1\n+A = 2\n';

const asked = (session: Session, experiment: number) =>
  until(async () => {
    const { notices = [] } = await session.query(statusQuery);
    return notices.some((notice) => notice.startsWith(`Experiment ${experiment} waits for your yes`));
  });

/** Wishes, and what comes in their way. */
export const WISHES: Readonly<Record<string, Play>> = {
  approved: {
    input: { ...only(2), approve: true, lookahead: 0 },
    person: async (session) => {
      await asked(session, 1);
      await session.executeUpdate(approveUpdate, { args: [{ experiment: 1 }] });
      await asked(session, 2);
      await session.executeUpdate(vetoUpdate, { args: [{ experiment: 2 }] });
      await asked(session, 3);
      await session.executeUpdate(approveUpdate, { args: [{ experiment: 3 }] });
    },
  },
  'approval-late': { input: { ...only(1), approve: true, approveMinutes: 0.001, approveThen: 'try' } },
  vetoed: {
    input: only(2),
    world: whileTraining(1, (session) => session.executeUpdate(vetoUpdate, { args: [{ experiment: 1 }] })),
  },
  patched: {
    input: { ...only(2), lookahead: 0 },
    world: whileScoring(1, (session) => session.executeUpdate(patchUpdate, { args: [{ diff: DIFF }] })),
  },
  pinned: {
    input: { ...only(3), lookahead: 0 },
    world: (session) => ({
      evaluate: async ({ experiment }) => {
        if (experiment === 2) await session().executeUpdate(pinUpdate, { args: [{ experiment: 0 }] });
        return experiment === 1 ? better(experiment) : worse(experiment);
      },
    }),
  },
  'model-down': {
    input: { ...only(1), proposer: 'anthropic' },
    world: () => {
      let isDown = true;
      return {
        propose: async ({ experiment, base }) => {
          if (isDown) {
            isDown = false;
            return { kind: 'down', reason: 'the API answers 529', afterMs: 10 };
          }
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: 'an idea' };
        },
      };
    },
  },
  reviewed: {
    input: { ...only(2), reviewer: 'a-model', lookahead: 0 },
    world: () => ({
      evaluate: async ({ experiment }) => better(experiment),
      review: async ({ experiment }) => {
        const opinion = experiment === 1 ? 'question' : 'ok';
        const work = { model: 'a-model', promptHash: '', turns: 1, inputTokens: 9, cachedTokens: 0, outputTokens: 1, usd: 0 };
        return { opinion: { opinion, reason: 'it reads the clock', work } };
      },
    }),
  },
  // The model has no idea until what a person wants meanwhile has been tried.
  'wish-while-down': {
    input: { ...only(2), proposer: 'anthropic', lookahead: 0 },
    world: (session) => {
      let isDown = true;
      return {
        propose: async ({ experiment, base, patch }) => {
          if (patch !== undefined) isDown = false;
          else if (isDown) {
            void session().executeUpdate(patchUpdate, { args: [{ diff: DIFF }], updateId: 'wish' });
            return { kind: 'down', reason: 'the API answers 529' };
          }
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: patch?.hypothesis ?? 'an idea' };
        },
      };
    },
  },
  // A gain that overran its time is trained again with its seed.
  late: {
    input: only(1),
    world: () => ({
      train: async ({ experiment, trial }) => (experiment === 1 && trial === 1 ? { ...TRAINED, seconds: 9 } : TRAINED),
      evaluate: async ({ experiment }) => better(experiment),
    }),
  },
};
