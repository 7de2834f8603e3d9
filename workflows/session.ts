import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';

import { budgetWith } from '../src/domain/budget.ts';
import { InvalidInput, parse } from '../src/domain/invalid-input.ts';
import { bestReport, type BestReport } from '../src/domain/best-report.ts';
import { sessionInputSchema, type SessionInput } from '../src/domain/session.ts';
import { callOpen } from './activities.ts';
import { Stopped, applicationFailure, unlessBlocked } from './blocked.ts';
import { auditAtEnd } from './audit-line.ts';
import type { Carried } from './carried.ts';
import { showDetails, showSearchAttributes } from './details.ts';
import { registerHandlers } from './handlers.ts';
import { createState, goOnFromLedger } from './create-state.ts';
import { searchOn } from './search.ts';
import { close } from './close.ts';
import type { SessionState } from './state.ts';
import { statusReport } from './status.ts';

/**
 * A research session: open, calibrate, search, end. `carried` is set by continue-as-new alone.
 * Fails at once with `InvalidInput` where the input cannot be used.
 */
export async function researchSession(input: SessionInput = {}, carried?: Carried): Promise<BestReport> {
  // What a run hands over was checked when the session began: nothing of it may end the night.
  const state = createState(carried === undefined ? checked(input) : input, carried);
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
    const { continued, experiments, ...contract } = await unlessBlocked(state, open, changed);
    if (continued !== undefined) goOnFromLedger(state, continued);
    if (experiments !== undefined) state.budget = budgetWith(state.budget, experiments);
    state.contract = contract;
    return contract;
  } catch (error) {
    const failure = applicationFailure(error);
    // The person who started it sees the sentence itself, not "activity task failed".
    if (failure?.type === 'InvalidInput') throw ApplicationFailure.nonRetryable(failure.message, 'InvalidInput');
    throw error;
  }
}
