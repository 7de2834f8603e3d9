// What only one lane does at a time: write a keep, write an event.
import { condition } from '@temporalio/workflow';
import type { SessionState } from './state.ts';

/** Does it while no other lane does. */
export async function alone<T>(state: SessionState, deed: 'deciding' | 'recording', act: () => Promise<T>): Promise<T> {
  while (state[deed]) await condition(() => !state[deed]);
  state[deed] = true;
  try {
    return await act();
  } finally {
    state[deed] = false;
  }
}
