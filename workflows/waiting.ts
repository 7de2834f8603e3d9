// Proposals that wait for their turn, in the order of their numbers.
import type { SessionState, Waiting } from './state.ts';

/** Stands in the queue, by its number. */
export function wait(state: SessionState, one: Waiting): void {
  const others = state.waiting.filter(({ experiment }) => experiment !== one.experiment);
  state.waiting = [...others, one].toSorted((left, right) => left.experiment - right.experiment);
}

/** A number that was given out gets its record, also when the session ended before its proposal was there. */
export const unmade = (experiment: number) => ({
  experiment,
  proposed: { kind: 'dropped', reason: 'the session ended first', hypothesis: '' } as const,
});
