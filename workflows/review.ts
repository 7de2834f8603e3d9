import type { Contract } from '../activities/contract.ts';
import type { LedgerEvent, ReviewedEvent } from '../src/domain/ledger.ts';
import type { SessionState } from './state.ts';
import { writeEvent } from './write-event.ts';

/** Writes down what a person decided of experiments in quarantine; accepted ones are proposed again. */
export async function writeReviews(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  for (const review of state.reviews) {
    const event: ReviewedEvent = { version: 1, kind: 'reviewed', at: new Date().toISOString(), ...review };
    const isSame = (standing: LedgerEvent): standing is ReviewedEvent =>
      standing.kind === 'reviewed' && standing.experiment === review.experiment;
    const { experiment, decision } = await writeEvent({ state, contract, event, isSame, changed });
    state.reviews = state.reviews.filter((one) => one !== review);
    if (decision === 'accepted') state.accepted = [...state.accepted, experiment];
  }
}
