import type { Recorded } from '../activities/contract.ts';
import { beliefIn } from '../src/domain/belief.ts';
import { count } from '../src/domain/report.ts';
import { book, type SessionState } from './state.ts';

/**
 * Takes over an experiment that the ledger has already: the server was set back to an older copy of its database, and
 * the session comes to this number a second time. `booked` is what it was taken for so far, if it was.
 */
export function adoptRecord(state: SessionState, { line, candidate, tier }: Recorded, booked?: 'booked'): void {
  const { experiment, verdict, value, trials } = line;
  const known = booked === undefined ? undefined : state.last.find((one) => one.experiment === experiment);
  if (known === undefined) book(state, line);
  else {
    state.counts = count(count(state.counts, known.verdict, -1), verdict);
    state.last = state.last.map((one) => (one === known ? line : one));
  }
  if (verdict !== 'keep' || candidate === null || value === null) return;
  if (experiment < (state.incumbent?.experiment ?? 0)) return; // a later keep was adopted meanwhile
  state.incumbent = beliefIn({ commit: candidate, experiment, value, noise: state.noise, trials });
  if (tier === 'B') state.tier = 'B';
}
