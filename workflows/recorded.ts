import type { Contract } from '../activities/contract.ts';
import type { Recorded } from '../src/domain/proposed.ts';
import { advance } from '../src/domain/course.ts';
import { count } from '../src/domain/counts.ts';
import { follow } from './line.ts';
import { book, type SessionState } from './state.ts';

/**
 * Takes over an experiment that the ledger has already: the server was set back to an older copy of its database, and
 * the session comes to this number a second time. `booked` is what it was taken for so far, if it was.
 */
export function adoptRecord(state: SessionState, contract: Contract, recorded: Recorded, booked?: 'booked'): void {
  const { line, tier, tried } = recorded;
  const { experiment, verdict } = line;
  const others = state.overtaken.filter((one) => one.experiment !== recorded.parent && one.experiment !== experiment);
  state.overtaken = recorded.overtaken === undefined ? others : [...others, recorded.overtaken];
  const known = booked === undefined ? undefined : state.last.find((one) => one.experiment === experiment);
  if (known === undefined) book(state, line);
  else {
    state.counts = count(count(state.counts, known.verdict, -1), verdict);
    state.last = state.last.map((one) => (one === known ? line : one));
  }
  if (known !== undefined && verdict !== 'keep') return; // what it was taken for told the same of the noise
  const { course } = state;
  if (course === null || experiment < course.incumbent.experiment) return; // a later keep was adopted meanwhile
  follow(state, advance(course, tried, contract.task.metric.direction));
  if (verdict === 'keep' && tier === 'B') state.tier = 'B';
}
