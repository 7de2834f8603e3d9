import { allHandlersFinished, condition } from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';
import type { EndEvent } from '../src/domain/ledger.ts';
import type { Writing } from './ended.ts';
import { runExperiment } from './experiment.ts';
import { writeReviews } from './review.ts';
import type { Ready, SessionState, Waiting } from './state.ts';
import { writeEvent } from './write-event.ts';

/** Writes down what is left, the unused look-ahead and the end itself; then the session is done. */
export async function close(state: SessionState, changed: () => void): Promise<void> {
  const { contract } = state;
  state.reason ??= state.stop === 'no' ? 'cancelled' : 'stopped by a person';
  if (contract !== null) {
    await dropWaiting(state, contract, changed);
    await dropGivenOut(state, contract, changed);
    await writeReviews(state, contract, changed);
    const at = new Date().toISOString();
    const event: EndEvent = { version: 1, kind: 'end', at, status: 'done', reason: state.reason };
    await writeEvent({
      state,
      contract,
      event,
      isSame: (standing): standing is EndEvent => standing.kind === 'end',
      changed,
    });
  }
  state.phase = 'done';
  changed();
  await condition(allHandlersFinished);
}

/** Proposals whose turn never came. */
async function dropWaiting(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  for (let one = state.waiting[0]; one !== undefined && state.course !== null; one = state.waiting[0]) {
    state.waiting = state.waiting.slice(1);
    // Of an edit that is tried once more, that is forgotten: who goes on from the ledger tries it.
    const unused = { experiment: one.experiment, proposed: dropOf(one.proposed) };
    await writeUnused({ state, contract, changed }, unused);
  }
}

/** Candidates that a lost run of this session has made, and that nobody tries any more. */
async function dropGivenOut(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  if (state.course === null) return;
  while (state.nextExperiment <= state.givenOut) {
    const unused = { experiment: state.nextExperiment++, proposed: dropOf({ kind: 'none', reason: '' }) };
    await writeUnused({ state, contract, changed }, unused);
  }
}

/** Numbers that a lost run was trying in other lanes, when what came after them had ended: their trials are lost with it. */
export async function dropUnrecorded(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  for (let [experiment] = state.unrecorded; experiment !== undefined; [experiment] = state.unrecorded) {
    const proposed = {
      kind: 'dropped',
      reason: 'the server lost the session while it was tried',
      hypothesis: '',
    } as const;
    await writeUnused({ state, contract, changed }, { experiment, proposed });
    state.unrecorded = state.unrecorded.slice(1);
  }
}

/** Ends an experiment that nobody tries. */
async function writeUnused(
  { state, contract, changed }: { state: SessionState; contract: Contract; changed: () => void },
  waiting: Ready,
): Promise<void> {
  const { course } = state;
  if (course === null) return;
  const writing: Writing = { last: Promise.resolve() };
  await runExperiment({ state, contract, waiting, course, changed, onTraining: () => {}, writing });
  await writing.last;
}

function dropOf(proposed: Waiting['proposed']) {
  const hypothesis = 'hypothesis' in proposed ? proposed.hypothesis : '';
  const work = 'work' in proposed && proposed.work !== undefined ? { work: proposed.work } : {};
  return { kind: 'dropped', reason: 'the session ended first', hypothesis, ...work } as const;
}
