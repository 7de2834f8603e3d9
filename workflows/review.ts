import type { Contract } from '../activities/contract.ts';
import type { LedgerEvent, ReviewedEvent } from '../src/domain/ledger.ts';
import type { SessionState } from './state.ts';
import { writeEvent } from './write-event.ts';

/** Writes down what a person decided of experiments in quarantine; accepted ones are proposed again. */
export async function writeReviews(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  for (let review = state.reviews[0]; review !== undefined; review = state.reviews[0]) {
    const { experiment: of } = review;
    const event: ReviewedEvent = { version: 1, kind: 'reviewed', at: new Date().toISOString(), ...review };
    const isSame = (standing: LedgerEvent): standing is ReviewedEvent =>
      standing.kind === 'reviewed' && standing.experiment === of;
    const { experiment, decision } = await writeEvent({ state, contract, event, isSame, changed });
    state.reviews = state.reviews.slice(1);
    const others = state.accepted.filter((one) => one !== experiment);
    state.accepted = decision === 'accepted' ? [...others, experiment] : others;
  }
}
