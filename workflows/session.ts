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
import { Stopped, applicationFailure, block, unlessBlocked, whilePaused } from './blocked.ts';
import { auditAtEnd, auditLine, dueAudit } from './audit-line.ts';
import { calibrate } from './calibrate.ts';
import { carry, type Carried } from './carried.ts';
import { showDetails, showSearchAttributes } from './details.ts';
import { runExperiment } from './experiment.ts';
import { registerHandlers } from './handlers.ts';
import { createState, goOnFromLedger } from './create-state.ts';
import { pinLine } from './pin.ts';
import { createProposals } from './proposals.ts';
import { writeReviews } from './review.ts';
import { close } from './close.ts';
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

/** Experiments one after another, the next proposal made while the device trains, until the budget is spent. */
async function searchOn(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  const proposals = createProposals(state, contract, changed);
  let ledger: Promise<void> = Promise.resolve();
  try {
    for (;;) {
      await whilePaused(state, changed);
      await writeReviews(state, contract, changed);
      if (state.pin !== null) {
        await proposals.drain();
        await ledger;
        await pinLine({ state, contract, changed });
        continue; // a person may have stopped it meanwhile
      }
      state.reason =
        state.over ??
        endOfSearch(state) ??
        (state.droppedInARow >= DROPPED_IN_A_ROW ? 'the proposer has nothing new to try' : null);
      if (state.reason !== null || state.course === null) break;
      if (state.failedInARow >= FAILED_IN_A_ROW) await blockAfterFailures(state, changed);
      const due = dueAudit(state);
      if (due !== null) {
        await proposals.drain();
        await ledger;
        await auditLine({ state, contract, changed }, due);
        continue; // a person may have stopped it meanwhile
      }
      if (workflowInfo().continueAsNewSuggested) {
        await goOnAsNew(state, ledger, proposals.drain);
        continue; // a person stopped it meanwhile
      }
      const waiting = await proposals.next();
      if (waiting === 'recorded') continue;
      const { course } = state; // only now: the kept line may have been moved by a person
      const onTraining = (): void => {
        // Training may begin anew on another device: the look-ahead begins once.
        if (state.nextExperiment === waiting.experiment + 1 && lookAhead(state)) proposals.prefetch(ledger);
      };
      const { written } = await runExperiment({ state, contract, waiting, course, changed, onTraining, ledger });
      // Awaited at the next decision; a failure must not count as unhandled until then.
      ledger = written;
      ledger.catch(() => {});
      state.droppedInARow = waiting.proposed.kind === 'proposal' ? 0 : state.droppedInARow + 1;
    }
  } finally {
    // Whatever ended the search: every number that was given out is known, and every record is written.
    await proposals.drain();
    await ledger;
  }
}

/** No look-ahead for an experiment that the budget will not pay: its number would only be dropped. */
function lookAhead(state: SessionState): boolean {
  const wanted = (state.input.lookahead ?? 1) > 0 && state.counts.total + 1 < state.budget.experiments;
  return wanted && endOfSearch(state) === null;
}

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
async function goOnAsNew(state: SessionState, ledger: Promise<void>, drain: () => Promise<void>): Promise<void> {
  await drain();
  await ledger;
  await condition(allHandlersFinished);
  if (state.stop === 'no') await continueAsNew<typeof researchSession>(state.input, carry(state));
}
