// The plays of sessions that wait for a person.
import { ApplicationFailure } from '@temporalio/common';
import { TRAINED } from '../support/fake-world.ts';
import { movingLine } from '../support/moving-line.ts';
import { better, blocked, deviceFellOver, once, onceStatusIs, only, resumeWhenBlocked, stop, worse, type Play } from './play.ts';

/** What only a person can mend. */
export const BLOCKS: Readonly<Record<string, Play>> = {
  'blocked-and-resumed': {
    input: only(2),
    world: () => {
      const full = once(blocked('The disk is full. Make room, then resume.'));
      return {
        revert: async () => {
          full();
          return undefined;
        },
      };
    },
    person: resumeWhenBlocked,
  },
  'blocked-at-the-start': {
    input: only(1),
    world: (_session, contract) => {
      const notAllowed = once(blocked('Allow the repo, then resume.'));
      return { open: async ({ session }) => (notAllowed(), contract(session)) };
    },
    person: resumeWhenBlocked,
  },
  'limit-not-measured': {
    input: only(1),
    world: (_session, contract) => ({
      open: async ({ session }) => {
        const frozen = contract(session);
        return { ...frozen, task: { ...frozen.task, limits: { peak_vram_mb: '1.1x' } } };
      },
    }),
    person: resumeWhenBlocked,
  },
  'stopped-while-blocked': {
    input: only(2),
    world: () => ({
      propose: async () => {
        throw blocked('The key is not valid. Set another, then resume.');
      },
    }),
    person: onceStatusIs('blocked', stop),
  },
  'baseline-without-a-value': {
    input: only(1),
    world: () => {
      const none = { kind: 'none', failure: 'no number' } as const;
      const broken = [none];
      return { evaluate: async ({ experiment }) => broken.pop() ?? worse(experiment) };
    },
    person: resumeWhenBlocked,
  },
  'baseline-fails-a-check': {
    input: only(1),
    world: () => {
      const failed = [{ ...worse(0), failedCheck: 'check "tests" failed: exit code 1' }];
      return { evaluate: async ({ experiment }) => failed.pop() ?? worse(experiment) };
    },
    person: resumeWhenBlocked,
  },
  // Of a device worker of an older version, which refuses nothing.
  'other-data': {
    input: only(1),
    world: () => {
      const others = [{ ...TRAINED, hostId: 'other', dataHash: 'other' }];
      return { train: async ({ experiment }) => (experiment === 1 && others.pop()) || TRAINED, evaluate: async ({ experiment }) => worse(experiment) };
    },
    person: resumeWhenBlocked,
  },
  // Says nothing of the commit: it is measured again under another number.
  'baseline-device-fails': {
    input: only(1),
    world: () => {
      const fail = once(ApplicationFailure.nonRetryable('the device fell over'));
      return { train: async () => (fail(), TRAINED), evaluate: async ({ experiment }) => worse(experiment) };
    },
    person: resumeWhenBlocked,
  },
  'kept-line-moved': {
    input: only(1),
    world: () => {
      const moved = [{ kind: 'moved', expected: 'base', found: 'another' } as const];
      return {
        evaluate: async ({ experiment }) => better(experiment),
        commit: async ({ tip }) => moved.pop() ?? { kind: 'committed', tip },
      };
    },
    person: resumeWhenBlocked,
  },
  // The person wants the line where it was moved to; the keep is left undecided, the next experiment starts from there.
  'kept-line-followed': {
    input: only(2),
    world: () => ({ ...movingLine(), evaluate: async ({ experiment }) => better(experiment) }),
    person: resumeWhenBlocked,
  },
  'failed-three-times': {
    input: only(5),
    world: () => ({ train: deviceFellOver }),
    person: onceStatusIs('blocked', stop),
  },
};

