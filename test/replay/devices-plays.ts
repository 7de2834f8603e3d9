// The plays of trials that find their device again, or another one.
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { TRAINED } from '../support/fake-world.ts';
import { once, only, workerEnds, type Play } from './play.ts';

/** A world in which a host is waited for no longer than seconds. */
const impatient = (contract: Parameters<NonNullable<Play['world']>>[1]): ReturnType<NonNullable<Play['world']>> => ({
  open: async ({ session }) => ({ ...contract(session), hostLostSeconds: 3 }),
});

/** How a trial finds its device again. */
export const DEVICES: Readonly<Record<string, Play>> = {
  // One of another class has it first, and refuses it.
  'another-class': {
    input: only(1),
    world: () => {
      const details = [{ hostId: 'other', device: 'gpu0', deviceClass: 'another' }];
      const refuse = once(ApplicationFailure.create({ type: 'OtherClass', message: 'no', nonRetryable: true, details }));
      return {
        train: async ({ experiment }) => {
          if (experiment === 1) refuse();
          return TRAINED;
        },
      };
    },
  },
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
  'host-lost-in-training': {
    input: only(1),
    world: (session, contract) => ({ ...impatient(contract), ...workerEnds('lost')(session, contract) }),
  },
  'host-lost-before-scoring': {
    input: only(1),
    world: (_session, contract) => {
      const lost = [{ ...TRAINED, hostId: 'lost' }];
      return { ...impatient(contract), train: async ({ experiment }) => (experiment === 1 && lost.pop()) || TRAINED };
    },
  },
};
