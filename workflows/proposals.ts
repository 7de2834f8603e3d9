import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';
import { gitVerbs } from './activities.ts';
import { failureText, unlessBlocked } from './blocked.ts';
import type { SessionState, Waiting } from './state.ts';

/** Proposals of one session in their order; at most one is made ahead, while the device trains. */
export interface Proposals {
  /** The next proposal, against the incumbent of this moment. */
  readonly next: () => Promise<Waiting>;
  /** Starts the proposal after this one, once `ready` is done (the ledger must hold what came before it). */
  readonly prefetch: (ready: Promise<void>) => void;
  /** Waits for a proposal that is being made; it then stands in `state.waiting`. */
  readonly drain: () => Promise<void>;
}

/** Creates the queue of proposals; `state.waiting` is where a finished look-ahead stands. */
export function createProposals(state: SessionState, contract: Contract, changed: () => void): Proposals {
  const verbs = gitVerbs(contract);
  const incumbent = (): string => state.incumbent?.commit ?? contract.base;
  let ahead: Promise<void> | null = null;

  const make = async (experiment: number, rebase: boolean): Promise<Waiting> => {
    const proposer = state.input.proposer ?? 'search';
    const propose = () =>
      verbs.propose({ contract, experiment, base: incumbent(), proposer, rebase, at: new Date().toISOString() });
    try {
      return { experiment, proposed: await unlessBlocked(state, propose, changed) };
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return { experiment, proposed: { kind: 'failed', reason: failureText(error) } };
    }
  };
  const drain = async (): Promise<void> => {
    await ahead;
    ahead = null;
  };
  return {
    drain,
    next: async () => {
      await drain();
      const waiting = state.waiting ?? (await make(state.nextExperiment++, false));
      state.waiting = null;
      const { proposed } = waiting;
      return proposed.kind === 'proposal' && proposed.base !== incumbent() ? make(waiting.experiment, true) : waiting;
    },
    prefetch: (ready) => {
      const experiment = state.nextExperiment++;
      const look = async (): Promise<void> => {
        try {
          await ready;
          state.waiting = await make(experiment, false);
        } catch {
          // The session is being cancelled or stopped; its number still gets its record.
          state.waiting = {
            experiment,
            proposed: { kind: 'dropped', reason: 'the session ended first', hypothesis: '' },
          };
        }
      };
      ahead = look();
    },
  };
}
