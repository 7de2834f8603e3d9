import type { Contract } from '../activities/contract.ts';
import type { LedgerEvent } from '../src/domain/ledger.ts';
import { gitVerbs } from './activities.ts';
import { unlessBlocked, type Patience } from './blocked.ts';
import { alone } from './alone.ts';
import type { SessionState } from './state.ts';

/** An event to write, and which event of the ledger would be the same. */
export interface EventRequest<Event extends LedgerEvent> {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly event: Event;
  readonly isSame: (standing: LedgerEvent) => standing is Event;
  readonly changed: () => void;
  readonly patience?: Patience;
}

/**
 * Writes an event at the next free place of the ledger and answers the one that holds: where the same stands there
 * already, because the server was set back to an older copy of its database, that one; others are passed over.
 */
export async function writeEvent<Event extends LedgerEvent>(request: EventRequest<Event>): Promise<Event> {
  const { state, contract, event, isSame, changed, patience = 'until resumed' } = request;
  return await alone(state, 'recording', async () => {
    for (;;) {
      const write = () => gitVerbs(contract).record({ contract, index: state.nextEvent, event });
      const standing = await unlessBlocked(state, write, changed, patience);
      state.nextEvent++;
      if (standing === undefined || standing === null) return event;
      if (isSame(standing)) return standing;
    }
  });
}
