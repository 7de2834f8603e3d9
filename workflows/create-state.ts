// How a run's state begins: fresh, handed over by the run before, or where a ledger ends.
import { workflowInfo } from '@temporalio/workflow';
import { NO_WORK, budgetOf } from '../src/domain/budget.ts';
import type { Continued } from '../src/domain/continued.ts';
import { NO_COUNTS } from '../src/domain/counts.ts';
import type { SessionInput } from '../src/domain/session.ts';
import type { Carried } from './carried.ts';
import type { SessionState } from './state.ts';

/** A fresh state, or the one that the previous run handed over. */
export function createState(input: SessionInput, carried: Carried | undefined): SessionState {
  const fresh = freshState(input);
  if (carried === undefined) return fresh;
  return {
    ...fresh,
    ...carried,
    phase: 'running',
    work: carried.work ?? NO_WORK,
    last: [...carried.last],
    pin: carried.pin ?? null,
    vetoed: carried.vetoed ?? [],
    approved: carried.approved ?? [],
    patches: carried.patches ?? [],
    notices: [...carried.notices],
    seenUpdates: [...(carried.seenUpdates ?? [])],
    reviews: carried.reviews ?? [],
    accepted: carried.accepted ?? [],
    tipTrials: carried.tipTrials ?? 0,
    missedBy: carried.missedBy ?? null,
    auditAsked: carried.auditAsked ?? false,
    auditTrials: carried.auditTrials ?? 0,
    audit: carried.audit ?? null,
    line: carried.line ?? [carried.course],
    measuredOn: carried.measuredOn ?? null,
    usual: carried.usual ?? null,
    auditBaseline: carried.auditBaseline ?? [],
    givenOut: carried.givenOut ?? 0,
    ceilings: carried.ceilings ?? [],
    acceptedTip: carried.acceptedTip ?? null,
    overtaken: carried.overtaken ?? [],
    waiting: [...(carried.waiting === null ? [] : [carried.waiting]), ...(carried.alsoWaiting ?? [])],
  };
}

/** What people want beside the search. */
const freshWishes = (): Pick<
  SessionState,
  'hints' | 'pin' | 'patches' | 'vetoed' | 'approved' | 'asking' | 'reviews' | 'accepted'
> => ({
  hints: [],
  pin: null,
  patches: [],
  vetoed: [],
  approved: [],
  asking: null,
  reviews: [],
  accepted: [],
});

/** Nothing is under way. */
const NO_LANES: Pick<
  SessionState,
  'lanes' | 'trying' | 'unwritten' | 'deciding' | 'recording' | 'remeasured' | 'questions'
> = {
  lanes: [],
  trying: [],
  unwritten: [],
  deciding: false,
  recording: false,
  remeasured: {},
  questions: 0,
};

function freshState(input: SessionInput): SessionState {
  return {
    input,
    startedAt: workflowInfo().startTime.toISOString(),
    phase: 'opening',
    reason: null,
    contract: null,
    budget: budgetOf(input),
    trainedSeconds: 0,
    work: NO_WORK,
    course: null,
    line: [],
    measuredOn: null,
    usual: null,
    auditBaseline: [],
    tier: null,
    nextExperiment: 1,
    nextEvent: 1,
    counts: NO_COUNTS,
    last: [],
    ...freshWishes(),
    notices: [],
    drift: null,
    down: null,
    paced: [],
    audit: null,
    scale: [],
    missedBy: null,
    auditAsked: false,
    auditTrials: 0,
    auditing: 0,
    ...NO_LANES,
    overtaken: [],
    unrecorded: [],
    trainedAt: [],
    waiting: [],
    failedInARow: 0,
    droppedInARow: 0,
    seenUpdates: [],
    tipTrials: 0,
    over: null,
    givenOut: 0,
    ceilings: [],
    crowded: [],
    acceptedTip: null,
    paused: false,
    blocks: [],
    stop: 'no',
  };
}

/** Goes on where a ledger ends: hours count anew, everything else as if the session had never stopped. */
export function goOnFromLedger(state: SessionState, continued: Continued): void {
  const { input, course, tier, counts, trainedSeconds, nextExperiment, nextEvent, givenOut, last } = continued;
  Object.assign(state, { input, course, tier, counts, trainedSeconds, nextExperiment, nextEvent, givenOut });
  Object.assign(state, { last: [...last], budget: budgetOf(input) });
  state.unrecorded = continued.unrecorded ?? [];
  state.overtaken = continued.overtaken ?? [];
  state.ceilings = continued.ceilings ?? [];
  state.work = continued.work ?? NO_WORK;
  state.audit = continued.audit ?? null;
  state.line = continued.line ?? (course === null ? [] : [course]);
  state.accepted = continued.accepted ?? [];
  state.measuredOn = continued.measuredOn ?? null;
  state.usual = continued.usual ?? null;
  state.auditBaseline = continued.auditBaseline ?? [];
  if (course !== null) state.phase = 'running';
  // Numbers of trials are folders, which may still be there: with a result, or with the seed of an audit.
  state.tipTrials = continued.nextEvent * TRIALS_PER_EVENT;
  state.auditTrials = continued.nextEvent * TRIALS_PER_EVENT;
}

/** More than any move or audit takes. */
const TRIALS_PER_EVENT = 100;
