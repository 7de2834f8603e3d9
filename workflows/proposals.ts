import { ActivityFailure, condition, isCancellation } from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';
import { joinWork } from '../src/domain/budget.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { sentence } from '../src/domain/sentence.ts';
import { asksModel } from '../src/domain/session.ts';
import { gitVerbs } from './activities.ts';
import { failureText, unlessBlocked } from './blocked.ts';
import { dealWithMove } from './moved-line.ts';
import { adoptRecord } from './recorded.ts';
import { endOfSearch } from './status.ts';
import { bookWork, type Ready, type SessionState, type Waiting } from './state.ts';

/** Proposals of one session in their order; at most one is made ahead, while the device trains. */
export interface Proposals {
  /**
   * The next proposal, against the incumbent of this moment; a kept line that somebody moved is dealt with
   * first. `recorded`: the ledger has this experiment already, and it is booked, or it has the session's end.
   */
  readonly next: () => Promise<Ready | 'recorded'>;
  /** Starts the proposal after this one, once `ready` is done (the ledger must hold what came before it). */
  readonly prefetch: (ready: Promise<void>) => void;
  /** Waits for a proposal that is being made; it then stands in `state.waiting`. */
  readonly drain: () => Promise<void>;
}

/** Creates the queue of proposals; `state.waiting` is where a finished look-ahead stands. */
export function createProposals(state: SessionState, contract: Contract, changed: () => void): Proposals {
  const make = createMaker(state, contract, changed);
  const turn = { state, contract, changed, make };
  let ahead: Promise<void> | null = null;
  const drain = async (): Promise<void> => {
    await ahead;
    ahead = null;
  };
  return {
    drain,
    next: async () => {
      await drain();
      const { waiting } = state;
      state.waiting = null;
      if (waiting === null) return takeTurn(turn, await make(state.nextExperiment++, false));
      // Looked at while a keep was being written, which may have been the move; or made before a move that is wanted.
      const isOld = waiting.proposed.kind === 'moved' || state.acceptedTip !== null;
      return takeTurn(turn, isOld ? await make(waiting.experiment, false, waiting) : waiting);
    },
    prefetch: (ready) => {
      const experiment = state.nextExperiment++;
      const look = async (): Promise<void> => {
        try {
          await ready;
          state.waiting = await make(experiment, false);
        } catch {
          state.waiting ??= unmade(experiment); // the session is being cancelled or stopped
        }
      };
      ahead = look();
    },
  };
}

interface Turn {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly changed: () => void;
  readonly make: ReturnType<typeof createMaker>;
}

/** A proposal's turn has come: whatever stands in its way is dealt with first. */
async function takeTurn({ state, contract, changed, make }: Turn, first: Waiting): Promise<Ready | 'recorded'> {
  const { experiment } = first;
  for (let waiting = first; ;) {
    const { proposed } = waiting;
    if (proposed.kind === 'moved') {
      state.waiting = waiting; // its number gets its record, whoever ends the session now
      await dealWithMove({ state, contract, moved: proposed, changed }, experiment);
      state.waiting = null;
      waiting = await make(experiment, false, waiting);
    } else if (proposed.kind === 'recorded') {
      adoptRecord(state, contract, proposed);
      state.trainedSeconds += proposed.seconds;
      changed();
      return 'recorded';
    } else if (proposed.kind === 'ended') {
      state.over = proposed.reason;
      return 'recorded';
    } else if (proposed.kind === 'proposal' && proposed.base !== state.course?.incumbent.commit) {
      waiting = await make(experiment, true, waiting);
    } else {
      state.acceptedTip = null;
      return { ...waiting, proposed };
    }
  }
}

/** A number that was given out gets its record, also when the session ended before its proposal was there. */
const unmade = (experiment: number) => ({
  experiment,
  proposed: { kind: 'dropped', reason: 'the session ended first', hypothesis: '' } as const,
});

/** What a model has to know that no ledger has. */
function forModel({ input, hints }: SessionState) {
  const { model, effort, maxTokens, trialSeconds, command } = input;
  const run = command === undefined ? {} : { command };
  return { ...run, choice: { model, effort, maxTokens }, hints, ...(trialSeconds !== undefined && { trialSeconds }) };
}

/** How long a model that is down is left alone, where its API does not say: longer each time, up to a minute. */
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;

/** Asks until somebody answers, or the search is over meanwhile. */
async function whileUp(
  state: SessionState,
  ask: () => Promise<Proposed>,
  changed: () => void,
): Promise<Exclude<Proposed, { kind: 'down' }>> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, 2 * pause)) {
    const proposed = await ask();
    const down = downWords(proposed);
    if (down !== state.down) {
      state.down = down;
      changed();
    }
    if (proposed.kind !== 'down') return proposed;
    await condition(() => state.stop !== 'no', Math.min(LONGEST_PAUSE_MS, proposed.afterMs ?? pause));
    if (endOfSearch(state) !== null) return unmade(0).proposed;
  }
}

/** That no model can be asked, in words for people; null where one can. */
function downWords(proposed: Proposed): string | null {
  if (proposed.kind === 'down') return `${sentence(proposed.reason)} It is asked again every minute.`;
  return 'modelDown' in proposed ? (proposed.modelDown ?? null) : null;
}

type Answered = Exclude<Proposed, { kind: 'down' }>;

/** With what a model took for it, also for a base that has moved since. */
function withWork(state: SessionState, before: Waiting['proposed'], proposed: Answered): Answered {
  const now = 'work' in proposed ? proposed.work : undefined;
  const earlier = 'work' in before ? before.work : undefined;
  bookWork(state, now);
  if (proposed.kind !== 'proposal' && proposed.kind !== 'dropped') return proposed;
  const work = joinWork(earlier, now);
  return work === undefined ? proposed : { ...proposed, work };
}

/**
 * Makes one experiment's proposal, against the incumbent of the moment; what cannot be proposed for no person's fault
 * is `failed`. Where the session ends meanwhile, what it was before waits for its record.
 */
function createMaker(state: SessionState, contract: Contract, changed: () => void) {
  const verbs = gitVerbs(contract);
  return async (experiment: number, rebase: boolean, before: Waiting = unmade(experiment)): Promise<Waiting> => {
    const proposer = state.input.proposer ?? contract.proposer ?? 'search';
    const asked = asksModel(proposer) || proposer === 'command' ? forModel(state) : {};
    const accepted = before.accepted ?? (rebase ? undefined : state.accepted[0]);
    const patch = before.patch ?? (rebase || accepted !== undefined ? undefined : state.patches[0]);
    const more = { ...(accepted !== undefined && { accepted }), ...(patch !== undefined && { patch }) };
    const propose = () => {
      const base = state.course?.incumbent.commit ?? contract.base;
      return verbs.propose({
        contract,
        experiment,
        base,
        proposer,
        rebase,
        at: new Date().toISOString(),
        ...asked,
        ...more,
      });
    };
    try {
      const answered = await whileUp(state, () => unlessBlocked(state, propose, changed), changed);
      const proposed = withWork(state, before.proposed, answered);
      // Once it waits, or is refused, nobody asks for it again.
      if (proposed.kind === 'proposal' || proposed.kind === 'dropped') {
        state.accepted = state.accepted.filter((one) => one !== accepted);
        state.patches = state.patches.filter(({ id }) => id !== patch?.id);
      }
      return { experiment, proposed, ...more };
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) {
        state.waiting = before; // its candidate may stand in git already
        throw error;
      }
      return { experiment, proposed: { kind: 'failed', reason: failureText(error) } };
    }
  };
}
