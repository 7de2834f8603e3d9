// A person does not want an experiment: what trains is ended, and whatever its verdict would be it is dropped.
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Judgement } from '../src/domain/decide.ts';
import { VETOED, type Trial } from '../src/domain/experiment.ts';
import type { Ready, SessionState } from './state.ts';

const DROPPED = { verdict: 'dropped', value: null, gain: null, reason: VETOED } as const;

/** Tries, until a person does not want this one any more. */
export async function unlessVetoed(
  state: SessionState,
  experiment: number,
  act: () => Promise<Judgement>,
): Promise<Omit<Judgement, 'kind' | 'verdict'> & { readonly verdict: Judgement['verdict'] | 'dropped' }> {
  if (state.vetoed.includes(experiment)) return DROPPED;
  const scope = new CancellationScope();
  tryNow(state, { experiment, end: () => scope.cancel() });
  try {
    return await scope.run(act);
  } catch (error) {
    // Where the whole session is ended too, that is why.
    if (!state.vetoed.includes(experiment) || !isCancellation(error) || state.stop === 'now') throw error;
    return DROPPED;
  } finally {
    // Until it is written down it can still be vetoed.
    tryNow(state, { experiment, end: () => {} });
  }
}

function tryNow(state: SessionState, one: SessionState['trying'][number]): void {
  state.trying = [...state.trying.filter(({ experiment }) => experiment !== one.experiment), one];
}

/** What ended before the veto was heard of is dropped all the same; its trials stay. */
export function orVetoed<Ending extends { readonly trials: readonly Trial[] }>(
  { state, waiting }: { readonly state: SessionState; readonly waiting: Ready },
  ending: Ending,
): Ending | (typeof DROPPED & Pick<Ending, 'trials'>) {
  if (!state.vetoed.includes(waiting.experiment) || waiting.proposed.kind !== 'proposal') return ending;
  return { ...DROPPED, trials: ending.trials };
}
