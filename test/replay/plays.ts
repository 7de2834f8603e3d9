// The sessions whose histories are kept, one for each behaviour of the workflow. A play shows what its name says and is
// otherwise as short as can be; its name is the session's id and the name of its file in histories/.
import { ApplicationFailure } from '@temporalio/common';
import type { Trained } from '../../activities/contract.ts';
import { RETRY_OFFSET } from '../../src/domain/course.ts';
import { extendUpdate, hintUpdate, pauseSignal, pauseUpdate, resumeSignal, reviewUpdate, stopSignal, stopUpdate } from '../../workflows/messages.ts';
import { better, onceStatusIs, scored, only, deviceFellOver, resume, stop, whileScoring, whileTraining, worse, type Play, type Session } from './play.ts';
import { BLOCKS } from './blocked-plays.ts';
import { DEVICES } from './devices-plays.ts';
import { LANES } from './lanes-plays.ts';
import { LEDGERS } from './ledger-plays.ts';
import { WISHES } from './wishes-plays.ts';
import type { Scored } from '../../src/domain/scored.ts';
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
  // Killed from outside, then trained beside somebody else: both runs are made again.
  'spoiled-by-the-machine': {
    input: only(1),
    world: () => {
      const spoiled: Trained[] = [
        { ...TRAINED, failure: 'was ended by SIGKILL', crash: { class: 'killed-by-machine', fault: 'machine' } },
        { ...TRAINED, facts: { disturbed: 'another process had the GPU too' } },
      ];
      return { train: async ({ experiment }) => (experiment === 1 && spoiled.shift()) || TRAINED };
    },
  },
  'spoiled-every-time': {
    input: only(1),
    world: () => ({
      train: async ({ experiment }) =>
        experiment === 0
          ? TRAINED
          : { ...TRAINED, failure: 'was ended by SIGKILL', crash: { class: 'killed-by-machine', fault: 'machine' } },
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
  'three-baseline-trials': { input: { experiments: 1, rule: 'greedy' } },
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
  'hint-withdrawn': {
    input: only(2),
    world: whileScoring(1, async (session) => {
      await session.executeUpdate(hintUpdate, { args: [{ text: 'a smaller batch' }] });
      await session.executeUpdate(hintUpdate, { args: [{ withdraw: 1 }] });
    }),
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

/** What the sequential rule asks for. A baseline of 1, spread by 0.01. */
const NOISE = [0.01, -0.01, 0, 0.012, -0.012, 0.011, 0.009];
const seen = (centre: number, trial: number): Scored => scored(centre + (NOISE[(trial - 1) % NOISE.length] ?? 0));
/** Numbers of audits' trials begin here. */
const AUDIT = 1_000_000;

const WEIGHING: Readonly<Record<string, Play>> = {
  // Five seeds and two repeats, then replicates until it is sure.
  'kept-after-replicates': {
    input: { experiments: 1, audit: 'none' },
    world: () => ({ evaluate: async ({ experiment, trial }) => seen(1 - experiment / 10, trial) }),
  },
  'discarded-after-replicates': {
    input: { experiments: 1 },
    world: () => ({ evaluate: async ({ experiment, trial }) => (experiment === 0 ? seen(1, trial) : scored(trial === 1 ? 0.97 : 1.02)) }),
  },
  // The incumbent that experiment 1 made is known less well than what experiment 2 shows.
  'incumbent-measured-again': {
    input: { experiments: 2, lookahead: 0, audit: 'none' },
    world: () => ({ evaluate: async ({ experiment, trial }) => seen([1, 0.9, 0.875][experiment] ?? 1, trial) }),
  },
  // After twenty trials of others.
  'incumbent-watched': { input: { experiments: 21, lookahead: 0, calibration: 2 }, world: () => ({ evaluate: async ({ experiment, trial }) => seen(1 + experiment, trial) }) },
  // The claim is measured again at the end.
  audited: {
    input: { experiments: 1, calibration: 2, lookahead: 0, audit: 'end' },
    world: () => ({
      train: async ({ trial }) => (trial === AUDIT + 2 ? { ...TRAINED, failure: 'exit code 1' } : TRAINED), evaluate: async ({ experiment, trial }) => seen(1 - experiment / 10, trial) }),
  },
  // So large a gain is audited before it is kept, and is not there.
  quarantined: {
    input: { experiments: 1, calibration: 2 },
    world: () => ({
      evaluate: async ({ experiment, trial }) => seen(trial >= AUDIT ? 1 : 1 - experiment / 10, trial),
    }),
  },
  // A person accepts what is in quarantine: its edit is proposed once more.
  'quarantine-reviewed': {
    input: { experiments: 3, calibration: 1, lookahead: 0, rule: 'greedy' },
    world: (session) => ({
      evaluate: async ({ experiment, trial }) => seen(1 + experiment, trial),
      propose: async ({ experiment, base, accepted }) => {
        const review = { experiment: 1, decision: 'accepted' } as const;
        if (experiment === 2) await session().executeUpdate(reviewUpdate, { args: [review] });
        return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${accepted ?? experiment}` };
      },
    }),
  },
  // Five keeps, and an audit finds none of their gains: bisected, and back to the baseline by a commit on the line.
  'rolled-back': {
    input: { experiments: 6, calibration: 1, lookahead: 0, rule: 'greedy', audit: 'all' },
    world: () => ({
      // Most trials of an audit give nothing, which keeps the history short.
      train: async ({ trial }) => (trial >= AUDIT && trial % 4 > 0 ? { ...TRAINED, failure: 'exit code 1' } : TRAINED),
      evaluate: async ({ experiment, trial }) =>
        scored(trial >= AUDIT || experiment > 5 ? 1 : 1 - experiment / 10 + trial / 100),
    }),
  },
  // Mended, it is measured anew under other numbers.
  'noisy-machine-blocks': {
    input: { experiments: 1, calibration: 2, strictMachine: true },
    world: (_session, contract) => ({
      open: async ({ session }) => ({ ...contract(session), earlierNoise: { test: 0.001 } }),
      evaluate: async ({ experiment, trial }) => (trial > RETRY_OFFSET ? scored(1) : seen(1 + experiment, trial)),
    }),
    person: onceStatusIs('blocked', resume),
  },
};

/** Every play by its name. */
export const PLAYS: Readonly<Record<string, Play>> = { ...VERDICTS, ...INPUTS, ...STEERING, ...BLOCKS, ...WEIGHING, ...DEVICES, ...LEDGERS, ...LANES, ...WISHES };
