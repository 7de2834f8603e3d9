// Trainings that go on until a test lets them end: which lane ends first is then no matter of chance.
import { Context } from '@temporalio/activity';
import type { Activities } from '../../activities/contract.ts';
import { TRAINED } from './fake-world.ts';
import { until } from './until.ts';

/** Trainings of experiments; the baseline's end at once. */
export interface Gates {
  readonly train: Activities['train'];
  /** Experiments whose training has begun, in that order, each as often as it was trained. */
  readonly begun: readonly number[];
  /** Lets every training of these experiments end, also those to come. */
  readonly open: (...experiments: readonly number[]) => void;
  /** Waits until these train, all at once. */
  readonly training: (...experiments: readonly number[]) => Promise<void>;
}

/** Creates closed gates. */
export function createGates(): Gates {
  const begun: number[] = [];
  const isTraining = new Set<number>();
  const isOpen = new Set([0]);
  return {
    begun,
    open: (...experiments) => {
      for (const experiment of experiments) isOpen.add(experiment);
    },
    training: async (...experiments) => {
      await until(() => experiments.every((experiment) => isTraining.has(experiment)));
    },
    train: async ({ experiment }) => {
      begun.push(experiment);
      isTraining.add(experiment);
      const context = Context.current();
      try {
        while (!isOpen.has(experiment)) {
          context.heartbeat({ hostId: 'host', device: 'cpu' });
          await context.sleep('20ms'); // throws once it is cancelled
        }
        return TRAINED;
      } finally {
        isTraining.delete(experiment);
      }
    },
  };
}
