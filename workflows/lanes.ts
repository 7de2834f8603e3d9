// The lanes of a session: experiments that are under way side by side, each on a device of its own, all from one
// incumbent. The session's main line alone starts them, one after the other and between its other duties; a lane ends by
// itself. Where the line is to be moved, audited or handed over, nothing new begins and what runs ends first.
import { condition, isCancellation } from '@temporalio/workflow';
import { Stopped } from './blocked.ts';
import { parallelOf, type SessionState } from './state.ts';

/** Experiments under way. */
export interface Lanes {
  /** How many there are. */
  readonly busy: () => number;
  /** Starts an experiment in a free lane. */
  readonly start: (run: () => Promise<void>) => void;
  /** Waits until another may begin: a lane is free, and the budget has room for one more. Throws what ended a lane. */
  readonly free: () => Promise<void>;
  /** Waits until none is under way; throws what ended a lane. */
  readonly quiet: () => Promise<void>;
  /** Waits until all have ended, well or not; nothing interrupts that, and nothing is thrown. */
  readonly ended: () => Promise<void>;
}

/** Creates the lanes of one run, all of them free. */
export function createLanes(state: SessionState): Lanes {
  let busy = 0;
  let all: readonly Promise<void>[] = [];
  const failures: unknown[] = [];
  const throwFailure = (): void => {
    // A person's stop ends all lanes; a failure that nobody asked for says more.
    const failure = failures.find((error) => !isCancellation(error) && !(error instanceof Stopped)) ?? failures[0];
    if (failure !== undefined) throw failure;
  };
  const hasRoom = (): boolean => busy < parallelOf(state) && state.counts.total + busy < state.budget.experiments;
  const inLane = async (run: () => Promise<void>): Promise<void> => {
    busy++;
    try {
      await run();
    } catch (error) {
      failures.push(error);
    } finally {
      busy--;
    }
  };
  return {
    busy: () => busy,
    start: (run) => {
      if (busy === 0) all = []; // none is left of those before
      all = [...all, inLane(run)];
    },
    free: async () => {
      await condition(() => failures.length > 0 || busy === 0 || hasRoom());
      throwFailure();
    },
    quiet: async () => {
      await condition(() => failures.length > 0 || busy === 0);
      throwFailure();
    },
    ended: async () => void (await Promise.all(all)),
  };
}
