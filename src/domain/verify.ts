// Whether what git has of a session can be trusted: facts in, a list of what is wrong out. Pure; src/git/read-facts.ts
// brings the facts.
import { keptSince, lineStart } from './kept-line.ts';
import { inputOf } from './continued.ts';
import { endOf } from './ledger.ts';
import { candidateRef, ledgerRef } from './names.ts';
import { NO_COUNTS, count, type Counts } from './counts.ts';
import type { Finding, SessionFacts } from './session-facts.ts';
import { checkChain, checkEvents, checkFiles, checkMoves, checkNumbers, checkTable } from './verify-ledger.ts';
import { checkCandidates, checkLine, checkRollbacks } from './verify-refs.ts';

/** What was seen of a session, and everything that is wrong with it: an empty list is the proof. */
export interface Verification {
  readonly findings: readonly Finding[];
  readonly ended: boolean;
  readonly experiments: Counts;
  /** Experiments without a record that have a candidate already; once the session has ended, those of the next that goes on. */
  readonly inFlight: readonly number[];
  /** Experiments whose candidates stand on the machine that ran the session alone, as its option `push` says. */
  readonly notPushed: readonly number[];
}

/** Judges a session by what git has of it. */
export function verify(facts: SessionFacts): Verification {
  const { tag, ledger } = facts;
  const nothing = { ended: false, experiments: NO_COUNTS, inFlight: [], notPushed: [] };
  const broken = (facts.broken ?? []).map(brokenRef);
  if (ledger === null && broken.length > 0) return { ...nothing, findings: broken };
  if (ledger === null) {
    const problem = `Expected ${ledgerRef(tag)} to be there, as refs of its candidates are, got nothing.`;
    return { ...nothing, findings: [{ check: 'chain', problem }] };
  }
  const { contents, chain } = ledger;
  const { records, events } = contents;
  const ended = endOf(events.map(({ event }) => event)) !== undefined;
  // What was made ahead of a baseline that never came has nothing to be judged by: who goes on begins with it.
  const isMeasured = events.some(({ event }) => event.kind === 'baseline');
  const start = lineStart(events.map(({ event }) => event));
  const { push = 'all', lookahead = 1, parallel = 1 } = inputOf(events.map(({ event }) => event));
  // What trains, and what was made ahead; or, beside what trains, as many whose records are being written.
  const mostInFlight = parallel + Math.max(parallel, lookahead);
  const candidates = checkCandidates(facts, records, push);
  const { experiments: recorded } = contents.claimed;
  const last = recorded.at(-1) ?? 0;
  // Lanes end in any order. Where candidates are not pushed, nobody can tell which of those that are missing are tried.
  const isUnderWay = (n: number): boolean =>
    !ended && parallel > 1 && (facts.candidates.has(n) || (!facts.home && push !== 'all'));
  const unrecorded = [...facts.candidates.keys()]
    .filter((n) => n > last || (isUnderWay(n) && !recorded.includes(n)))
    .toSorted((left, right) => left - right);
  return {
    findings: [
      ...broken,
      ...checkFiles(contents),
      ...checkEvents(contents, tag),
      ...checkMoves(contents),
      ...checkNumbers(contents, isUnderWay),
      ...(ended && isMeasured ? unrecorded.map((experiment) => unended(tag, experiment)) : []),
      ...(!ended && unrecorded.length > mostInFlight ? [tooMany(tag, unrecorded, mostInFlight)] : []),
      ...checkTable(contents),
      ...checkChain(chain, tag),
      ...candidates.findings,
      ...checkRollbacks(
        facts,
        events.map(({ event }) => event),
      ),
      ...(start === undefined ? [] : checkLine(facts, keptSince(records, start), start.commit, push)),
    ],
    ended,
    experiments: records.reduce((counts, { verdict }) => count(counts, verdict), NO_COUNTS),
    inFlight: ended && isMeasured ? [] : unrecorded,
    notPushed: candidates.notPushed,
  };
}

function tooMany(tag: string, unrecorded: readonly number[], most: number): Finding {
  const problem = `Expected at most ${most} experiments of ${tag} to be in flight, got candidates without a record of experiments ${unrecorded.join(', ')}: the ledger may have been set back.`;
  return { check: 'experiments', problem };
}

function brokenRef({ ref, found }: { readonly ref: string; readonly found: string }): Finding {
  return { check: 'refs', problem: `Expected ${ref} to name a commit, got ${found}.` };
}

function unended(tag: string, experiment: number): Finding {
  const problem = `Expected experiment ${experiment} to have a record, because the session has ended, got ${candidateRef(tag, experiment)} alone.`;
  return { check: 'experiments', problem };
}
