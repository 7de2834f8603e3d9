// The sessions whose histories are kept, one for each behaviour of the workflow. A play shows what its name says and is
// otherwise as short as can be; its name is the session's id and the name of its file in histories/.
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { extendUpdate, hintUpdate, pauseSignal, pauseUpdate, resumeSignal, stopSignal, stopUpdate } from '../../workflows/messages.ts';
import { better, onceStatusIs, only, deviceFellOver, resume, stop, whileScoring, whileTraining, workerEnds, worse, type Play, type Session } from './play.ts';
import { BLOCKS } from './blocked-plays.ts';
import { TRAINED } from '../support/fake-world.ts';

const pause = (session: Session) => session.executeUpdate(pauseUpdate, { args: [{}] });
const stopNow = (session: Session) => session.executeUpdate(stopUpdate, { args: [{ now: true }] });

/** How an experiment can end. */
const VERDICTS: Readonly<Record<string, Play>> = {
  // The proposal that waited is rebased onto what was kept.
  keep: { input: only(2), world: () => ({ evaluate: async ({ experiment }) => better(experiment) }) },
  discard: { input: only(2), world: () => ({ evaluate: async ({ experiment }) => worse(experiment) }) },
  crash: {
    input: only(2),
    world: () => ({
      train: async ({ experiment }) => (experiment === 1 ? { ...TRAINED, failure: 'exit code 1' } : TRAINED),
      evaluate: async ({ experiment }) => (experiment === 2 ? { kind: 'none', failure: 'no number' } : worse(0)),
    }),
  },
  failed: {
    input: only(2),
    world: () => ({
      train: async ({ experiment }) => (experiment === 1 ? deviceFellOver({ experiment }) : TRAINED),
      evaluate: async ({ experiment }) => worse(experiment),
    }),
  },
  dropped: {
    input: only(1),
    world: () => ({
      propose: async ({ experiment, base }) => {
        if (experiment === 1) return { kind: 'dropped', reason: 'a duplicate', hypothesis: 'the same again' };
        if (experiment === 2) throw ApplicationFailure.nonRetryable('the proposer fell over');
        return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
      },
    }),
  },
  'nothing-left-to-try': {
    input: only(1),
    world: () => ({ propose: async () => ({ kind: 'none', reason: 'all was tried' }) }),
  },
};

/** Shapes that the input gives to a session. */
const INPUTS: Readonly<Record<string, Play>> = {
  'three-baseline-trials': { input: { experiments: 1 } },
  'no-look-ahead': { input: { ...only(2), lookahead: 0 } },
  'no-search-attributes': {
    input: only(1),
    world: (_session, contract) => ({
      open: async ({ session }) => ({ ...contract(session), searchAttributes: [] }),
    }),
  },
  'refused-input': { input: { experiments: 0 } },
  'refused-repo': {
    input: only(1),
    world: () => ({
      open: async () => {
        throw ApplicationFailure.nonRetryable('Expected `repo` to be a git repo, got /repo.', 'InvalidInput');
      },
    }),
  },
  'continue-as-new': { input: only(8) },
};

/** What a person can do. */
const STEERING: Readonly<Record<string, Play>> = {
  'pause-and-resume': { input: only(2), world: whileScoring(1, pause), person: onceStatusIs('paused', resume) },
  'stop-while-paused': { input: only(2), world: whileScoring(1, pause), person: onceStatusIs('paused', stop) },
  hint: {
    input: only(2),
    world: whileScoring(1, (session) => session.executeUpdate(hintUpdate, { args: [{ text: 'a smaller batch' }] })),
  },
  extend: {
    input: only(1),
    world: whileScoring(1, (session) => session.executeUpdate(extendUpdate, { args: [{ experiments: 1 }] })),
  },
  stop: { input: only(3), world: whileScoring(1, stop) },
  // Without an argument: as from an empty box in the UI.
  'stop-now': { world: whileTraining(1, stopNow) },
  cancel: { input: only(3), world: whileTraining(1, (session) => session.cancel()) },
  'cancel-during-calibration': { input: only(3), world: whileTraining(0, (session) => session.cancel()) },
  'steered-by-signals': {
    input: only(3),
    world: (session) => ({
      evaluate: async ({ experiment }) => {
        if (experiment === 1) await session().signal(pauseSignal, {});
        if (experiment === 2) await session().signal(stopSignal, {});
        return worse(experiment);
      },
    }),
    person: onceStatusIs('paused', (session) => session.signal(resumeSignal, {})),
  },
};

/** How a trial finds its device again. */
const DEVICES: Readonly<Record<string, Play>> = {
  'training-adopted': { input: only(1), world: workerEnds('host') },
  'worker-killed': {
    input: only(1),
    world: () => ({
      train: async ({ experiment }) => {
        const { info, heartbeat, cancelled } = Context.current();
        if (experiment === 0 || info.taskQueue.includes('@')) return TRAINED;
        heartbeat({ hostId: 'host', device: 'cpu' });
        return cancelled;
      },
    }),
  },
  // The two that take ten minutes each: so long a host is waited for.
  'host-lost-in-training': { input: only(1), world: workerEnds('lost') },
  'host-lost-before-scoring': {
    input: only(1),
    world: () => {
      const lost = [{ ...TRAINED, hostId: 'lost' }];
      return { train: async ({ experiment }) => (experiment === 1 && lost.pop()) || TRAINED };
    },
  },
};

/** Every play by its name. */
export const PLAYS: Readonly<Record<string, Play>> = { ...VERDICTS, ...INPUTS, ...STEERING, ...BLOCKS, ...DEVICES };
