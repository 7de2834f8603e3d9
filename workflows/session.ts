import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';

import { InvalidInput, parse } from '../src/domain/invalid-input.ts';
import { bestReport, type BestReport } from '../src/domain/report.ts';
import { sentence } from '../src/domain/sentence.ts';
import { sessionInputSchema, type SessionInput } from '../src/domain/session.ts';
import { callOpen } from './activities.ts';
import { Stopped, applicationFailure, block, unlessBlocked, whileBlocked, whilePaused } from './blocked.ts';
import { auditAtEnd, auditLine, dueAudit } from './audit-line.ts';
import { calibrate } from './calibrate.ts';
import { carry, type Carried } from './carried.ts';
import { showDetails, showSearchAttributes } from './details.ts';
import { runExperiment } from './experiment.ts';
import type { Writing } from './ended.ts';
import { registerHandlers } from './handlers.ts';
import { createState, goOnFromLedger } from './create-state.ts';
import { createLanes } from './lanes.ts';
import { pinLine } from './pin.ts';
import { createProposals } from './proposals.ts';
import { writeReviews } from './review.ts';
import { close, dropUnrecorded } from './close.ts';
import type { SessionState } from './state.ts';
import { endOfSearch, statusReport } from './status.ts';

/** After so many experiments in a row that the world spoiled, a person should look. */
const FAILED_IN_A_ROW = 3;
/** After so many proposals in a row that came to nothing, there is nothing left to try. */
const DROPPED_IN_A_ROW = 10;

/**
 * A research session: open, calibrate, search, end. `carried` is set by continue-as-new alone.
 * Fails at once with `InvalidInput` where the input cannot be used.
 */
export async function researchSession(input: SessionInput = {}, carried?: Carried): Promise<BestReport> {
  const state = createState(checked(input), carried);
  const search = new CancellationScope();
  const changed = createView(state);
  registerHandlers(state, search, changed);
  await run(state, search, changed);
  return bestReport(statusReport(state));
}

function checked(input: SessionInput): SessionInput {
  try {
    return parse(sessionInputSchema, input, 'the session input');
  } catch (error) {
    if (error instanceof InvalidInput) throw ApplicationFailure.nonRetryable(error.message, 'InvalidInput');
    throw error;
  }
}

/** Shows every change in the Temporal UI. */
function createView(state: SessionState): () => void {
  let searchable = '';
  return () => {
    const report = statusReport(state);
    showDetails(report);
    searchable = showSearchAttributes(report, state.contract?.searchAttributes ?? [], searchable);
  };
}

async function run(state: SessionState, search: CancellationScope, changed: () => void): Promise<void> {
  let ending: unknown = null;
  try {
    await search.run(async () => {
      const contract = state.contract ?? (await openSession(state, changed));
      changed();
      if (state.course === null) await calibrate(state, contract, changed);
      await dropUnrecorded(state, contract, changed);
      await searchOn(state, contract, changed);
      await auditAtEnd({ state, contract, changed });
    });
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    if (!isCancellation(error) && !(error instanceof Stopped)) {
      state.phase = 'failed';
      throw error;
    }
    // `stop --now` and `stop` while blocked end the session well; a cancellation from outside stays one.
    if (state.stop === 'no') ending = error;
  }
  await CancellationScope.nonCancellable(() => close(state, changed));
  if (ending !== null) throw ending;
}

async function openSession(state: SessionState, changed: () => void): Promise<Contract> {
  const { workflowId: session } = workflowInfo();
  try {
    const open = () => callOpen({ session, input: state.input, at: state.startedAt });
    const { continued, ...contract } = await unlessBlocked(state, open, changed);
    if (continued !== undefined) goOnFromLedger(state, continued);
    state.contract = contract;
    return contract;
  } catch (error) {
    const failure = applicationFailure(error);
    // The person who started it sees the sentence itself, not "activity task failed".
    if (failure?.type === 'InvalidInput') throw ApplicationFailure.nonRetryable(failure.message, 'InvalidInput');
    throw error;
  }
}

/** Experiments in their lanes, the next proposals made while devices train, until the budget is spent. */
async function searchOn(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  const writing: Writing = { last: Promise.resolve() };
  const lanes = createLanes(state);
  const proposals = createProposals({ state, contract, changed, writing, quiet: lanes.quiet });
  const quiet = async (): Promise<void> => {
    await lanes.quiet();
    await proposals.drain();
    await writing.last;
  };
  /** No look-ahead for an experiment that the budget will not pay, whatever waits: its number would only be dropped. */
  const wanted = (): boolean =>
    state.counts.total + lanes.busy() + state.waiting.length < state.budget.experiments &&
    endOfSearch({ ...state, waiting: [] }) === null;
  try {
    for (;;) {
      await lanes.free();
      await whilePaused(state, changed);
      await whileBlocked(state);
      await writeReviews(state, contract, changed);
      const over = state.over ?? endOfSearch(state) ?? nothingNew(state);
      if (lanes.busy() > 0 && (over !== null || isDueAlone(state))) {
        await lanes.quiet();
        continue; // what ended meanwhile may have changed all of that
      }
      if (state.pin !== null) {
        await quiet();
        await pinLine({ state, contract, changed });
        continue; // a person may have stopped it meanwhile
      }
      state.reason = over;
      if (over !== null || state.course === null) break;
      if (state.failedInARow >= FAILED_IN_A_ROW) await blockAfterFailures(state, changed);
      const due = dueAudit(state);
      if (due !== null) {
        await quiet();
        await auditLine({ state, contract, changed }, due);
        continue; // a person may have stopped it meanwhile
      }
      if (workflowInfo().continueAsNewSuggested) {
        await quiet();
        await goOnAsNew(state);
        continue; // a person stopped it meanwhile
      }
      const waiting = await proposals.next();
      if (waiting === 'recorded') continue;
      if (isHeld(state)) {
        proposals.putBack(waiting);
        continue;
      }
      const { course } = state; // only now: the kept line may have been moved by a person
      state.droppedInARow = waiting.proposed.kind === 'proposal' ? 0 : state.droppedInARow + 1;
      const onTraining = (): void => proposals.lookAhead(wanted);
      lanes.start(() => runExperiment({ state, contract, waiting, course, changed, onTraining, writing }));
    }
  } finally {
    // Whatever ended the search: every number that was given out is known, and every record is written.
    await lanes.ended();
    await proposals.drain();
    await writing.last;
  }
}

/** Whether something came while a proposal was made, which may have taken minutes, and goes first. */
const isHeld = (state: SessionState): boolean =>
  state.paused ||
  state.blocks.length > 0 ||
  state.pin !== null ||
  dueAudit(state) !== null ||
  endOfSearch(state) !== null;

/** What is done only while no experiment is under way. */
const isDueAlone = (state: SessionState): boolean =>
  state.pin !== null || dueAudit(state) !== null || workflowInfo().continueAsNewSuggested;

/** After so many proposals that came to nothing. */
const nothingNew = ({ droppedInARow }: SessionState): string | null =>
  droppedInARow >= DROPPED_IN_A_ROW ? 'the proposer has nothing new to try' : null;

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
  if (state.stop === 'no') await continueAsNew<typeof researchSession>(state.input, carry(state));
}
