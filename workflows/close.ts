import { allHandlersFinished, condition } from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';
import type { EndEvent } from '../src/domain/ledger.ts';
import { runExperiment } from './experiment.ts';
import { writeReviews } from './review.ts';
import type { SessionState } from './state.ts';
import { writeEvent } from './write-event.ts';

/** Writes down what is left, the unused look-ahead and the end itself; then the session is done. */
export async function close(state: SessionState, changed: () => void): Promise<void> {
  const { contract, course, waiting } = state;
  state.reason ??= state.stop === 'no' ? 'cancelled' : 'stopped by a person';
  if (contract !== null) {
    if (waiting !== null && course !== null) {
      state.waiting = null;
      const unused = { experiment: waiting.experiment, proposed: dropOf(waiting.proposed) };
      const nothing = { onTraining: () => {}, ledger: Promise.resolve() };
      const { written } = await runExperiment({ state, contract, waiting: unused, course, changed, ...nothing });
      await written;
    }
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

/** Candidates that a lost run of this session has made, and that nobody tries any more. */
async function dropGivenOut(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  if (state.course === null) return;
  while (state.nextExperiment <= state.givenOut) {
    const unused = { experiment: state.nextExperiment++, proposed: dropOf({ kind: 'none', reason: '' }) };
    const nothing = { onTraining: () => {}, ledger: Promise.resolve() };
    const { course } = state;
    const { written } = await runExperiment({ state, contract, waiting: unused, course, changed, ...nothing });
    await written;
  }
}

function dropOf(proposed: NonNullable<SessionState['waiting']>['proposed']) {
  const hypothesis = 'hypothesis' in proposed ? proposed.hypothesis : '';
  const work = 'work' in proposed && proposed.work !== undefined ? { work: proposed.work } : {};
  return { kind: 'dropped', reason: 'the session ended first', hypothesis, ...work } as const;
}
