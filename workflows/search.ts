// The search: experiments in their lanes, and between them what a session owes its person, its line and its server.
import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';
import { workBeside } from '../src/domain/budget.ts';
import type { Course } from '../src/domain/course.ts';
import { sentence } from '../src/domain/sentence.ts';
import { takesThought } from '../src/domain/session.ts';
import { approval } from './approval.ts';
import { auditLine, dueAudit } from './audit-line.ts';
import { block, whileBlocked, whilePaused } from './blocked.ts';
import { calibrate } from './calibrate.ts';
import { carry } from './carried.ts';
import { dropUnrecorded } from './close.ts';
import type { Writing } from './ended.ts';
import { runExperiment } from './experiment.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { pinLine } from './pin.ts';
import { createProposals, type Proposals } from './proposals.ts';
import { writeReviews } from './review.ts';
import { proposerOf, type Ready, type SessionState } from './state.ts';
import { endOfSearch } from './status.ts';
import { isHeld } from './while-up.ts';

/** After so many experiments in a row that the world spoiled, a person should look. */
const FAILED_IN_A_ROW = 3;
/** After so many proposals in a row that came to nothing, there is nothing left to try. */
const DROPPED_IN_A_ROW = 10;

interface Search {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly changed: () => void;
  readonly writing: Writing;
  readonly lanes: Lanes;
  readonly proposals: Proposals;
}

/** The baseline, then experiments in their lanes, the next proposals made while devices train, until the budget is spent. */
export async function searchOn(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  const writing: Writing = { last: Promise.resolve() };
  const lanes = createLanes(state);
  const proposals = createProposals({ state, contract, changed, writing, quiet: lanes.quiet });
  const search = { state, contract, changed, writing, lanes, proposals };
  try {
    await calibrateFirst(search);
    await dropUnrecorded(state, contract, changed);
    // Each turn is one thing to do; a person may have stopped the session meanwhile.
    for (let isOver = false; !isOver;) isOver = !(await takeTurn(search));
  } finally {
    // Whatever ended the search: every number that was given out is known, and every record is written.
    await lanes.ended();
    await proposals.drain();
    await writing.last;
  }
}

/**
 * Measures the baseline, where that is not done. Who has to think begins to do so meanwhile; the first proposal of a
 * search is there at once, and would only have its number when the session ended first.
 */
async function calibrateFirst(search: Search): Promise<void> {
  const { state, contract, changed } = search;
  if (state.course !== null) return;
  const onTraining = (): void => {
    if (takesThought(proposerOf(state))) lookAhead(search);
  };
  await calibrate({ state, contract, changed, onTraining });
}

/** Does what comes first of all that there is to do; false once there is nothing left. */
async function takeTurn(search: Search): Promise<boolean> {
  const { state, contract, changed, lanes } = search;
  await lanes.free();
  await whilePaused(state, changed);
  await whileBlocked(state);
  await writeReviews(state, contract, changed);
  const over = state.over ?? endOfSearch(state) ?? nothingNew(state);
  if (lanes.busy() > 0 && (over !== null || isDueAlone(state))) {
    await lanes.quiet();
    return true; // what ended meanwhile may have changed all of that
  }
  if (state.pin !== null) {
    await quiet(search);
    await pinLine({ state, contract, changed });
    return true;
  }
  state.reason = over;
  if (over !== null || state.course === null) return false;
  if (state.failedInARow >= FAILED_IN_A_ROW) await blockAfterFailures(state, changed);
  const due = dueAudit(state);
  if (due !== null) {
    await quiet(search);
    await auditLine({ state, contract, changed }, due);
    return true;
  }
  if (workflowInfo().continueAsNewSuggested) {
    await quiet(search);
    await goOnAsNew(state);
    return true;
  }
  await beginNext(search);
  return true;
}

/** Has proposals made ahead: none that the budget will not pay, whatever waits, since its number would only be dropped. */
const lookAhead = ({ state, lanes, proposals }: Search): void =>
  proposals.lookAhead(
    (making) =>
      state.counts.total + lanes.busy() + state.waiting.length + making < state.budget.experiments &&
      endOfSearch({ ...state, waiting: [], work: workBeside(state.budget, state.work, making) }) === null,
  );

/** Begins the next experiment in the lane that is free. */
async function beginNext(search: Search): Promise<void> {
  const { state, contract, changed, writing, lanes, proposals } = search;
  if (takesThought(proposerOf(state))) lookAhead(search); // as many at once as may be, also for lanes that are free
  const proposal = await proposals.next();
  if (proposal === 'recorded' || proposal === 'held') return;
  if (isHeld(state)) return proposals.putBack(proposal);
  const waiting = await approval(state, proposal, { isHeld: () => isHeld(state), changed });
  const { course } = state; // only now: the kept line may have been moved by a person, or by another lane
  if (waiting === null || isOld(waiting, course)) return proposals.putBack(proposal);
  if (course === null) return;
  state.droppedInARow = waiting.proposed.kind === 'proposal' ? 0 : state.droppedInARow + 1;
  const onTraining = (): void => lookAhead(search);
  lanes.start(() => runExperiment({ state, contract, waiting, course, changed, onTraining, writing }));
}

/** Waits until nothing is under way. */
async function quiet({ lanes, proposals, writing }: Search): Promise<void> {
  await lanes.quiet();
  await proposals.drain();
  await writing.last;
}

/** Whether the line went on while a person was asked. */
const isOld = ({ proposed }: Ready, course: Course | null): boolean =>
  proposed.kind === 'proposal' && course !== null && proposed.base !== course.incumbent.commit;

/** What is done only while no experiment is under way. */
const isDueAlone = (state: SessionState): boolean =>
  state.pin !== null || dueAudit(state) !== null || workflowInfo().continueAsNewSuggested;

/** After so many proposals that came to nothing: nothing new is left to try, or nobody makes one that can be tried. */
const nothingNew = ({ droppedInARow, last }: SessionState): string | null =>
  droppedInARow < DROPPED_IN_A_ROW
    ? null
    : `${DROPPED_IN_A_ROW} proposals in a row came to nothing, the last: ${last.at(-1)?.reason ?? 'no reason given'}`;

async function blockAfterFailures(state: SessionState, changed: () => void): Promise<void> {
  state.failedInARow = 0;
  const reason = state.last.at(-1)?.reason ?? '';
  await block(
    state,
    `${FAILED_IN_A_ROW} experiments in a row failed, the last with: ${sentence(reason)} Mend it, then resume.`,
    changed,
  );
}

/** Hands everything over to a new run; returns, with nothing handed over, when a person stopped the session meanwhile. */
async function goOnAsNew(state: SessionState): Promise<void> {
  await condition(allHandlersFinished);
  if (state.stop === 'no') await continueAsNew(state.input, carry(state));
}
