import { ActivityFailure, condition, isCancellation } from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';
import { joinWork } from '../src/domain/budget.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { sentence } from '../src/domain/sentence.ts';
import { gitVerbs } from './activities.ts';
import { failureText, unlessBlocked } from './blocked.ts';
import { dealWithMove } from './moved-line.ts';
import { adoptRecord } from './recorded.ts';
import { endOfSearch } from './status.ts';
import type { Writing } from './ended.ts';
import { bookWork, type Ready, type SessionState, type Waiting } from './state.ts';

/** Proposals of one session in their order; some are made ahead, while devices train. */
export interface Proposals {
  /**
   * The next proposal, against the incumbent of this moment; a kept line that somebody moved is dealt with
   * first. `recorded`: the ledger has this experiment already, and it is booked, or it has the session's end.
   */
  readonly next: () => Promise<Ready | 'recorded'>;
  /** It is the next again. */
  readonly putBack: (waiting: Ready) => void;
  /** Makes proposals ahead while `wanted`, as many as the session looks ahead; nothing where that is under way. */
  readonly lookAhead: (wanted: () => boolean) => void;
  /** Waits for a proposal that is being made; it then stands in `state.waiting`. */
  readonly drain: () => Promise<void>;
}

/** What proposals hang on. */
export interface ProposalsDeps {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly changed: () => void;
  /** The ledger must hold what came before a proposal that is made ahead. */
  readonly writing: Writing;
  /** Waits until no experiment is under way: only then the line is moved. */
  readonly quiet: () => Promise<void>;
}

/**
 * Creates the queue of proposals; `state.waiting` is where a finished look-ahead stands. New ones are made one after
 * the other, whatever the lanes, so that each knows all that were made before it.
 */
export function createProposals(deps: ProposalsDeps): Proposals {
  const { state } = deps;
  const make = createMaker(deps);
  const turn = { ...deps, make };
  let ahead: Promise<void> | null = null;
  let isMaking = false;
  const look = async (wanted: () => boolean): Promise<void> => {
    while (state.waiting.length < (state.input.lookahead ?? 1) && wanted()) {
      const experiment = state.nextExperiment++;
      try {
        await deps.writing.last;
        wait(state, await make(experiment, false));
      } catch {
        // The session is being cancelled or stopped.
        if (!state.waiting.some((one) => one.experiment === experiment)) wait(state, unmade(experiment));
        return;
      }
    }
  };
  const drain = async (): Promise<void> => {
    await ahead;
  };
  return {
    drain,
    next: async () => {
      if (state.waiting.length === 0) await drain();
      const [waiting, ...rest] = state.waiting;
      state.waiting = rest;
      if (waiting === undefined) {
        isMaking = true;
        const made = make(state.nextExperiment++, false).finally(() => (isMaking = false));
        return takeTurn(turn, await made);
      }
      // Looked at while a keep was being written, which may have been the move; or made before a move that is wanted.
      const isOld = waiting.proposed.kind === 'moved' || state.acceptedTip !== null;
      return takeTurn(turn, isOld ? await make(waiting.experiment, false, waiting) : waiting);
    },
    putBack: (waiting) => wait(state, waiting),
    lookAhead: (wanted) => {
      if (ahead !== null || isMaking) return;
      ahead = look(wanted).finally(() => (ahead = null));
    },
  };
}

/** Stands in the queue, by its number. */
function wait(state: SessionState, one: Waiting): void {
  const others = state.waiting.filter(({ experiment }) => experiment !== one.experiment);
  state.waiting = [...others, one].toSorted((left, right) => left.experiment - right.experiment);
}

interface Turn extends ProposalsDeps {
  readonly make: ReturnType<typeof createMaker>;
}

/** A proposal's turn has come: whatever stands in its way is dealt with first. */
async function takeTurn(turn: Turn, first: Waiting): Promise<Ready | 'recorded'> {
  const { state, contract, changed, make, quiet } = turn;
  const { experiment } = first;
  for (let waiting = first; ;) {
    const { proposed } = waiting;
    // Looked at while another lane's keep was being written: the line is where it belongs.
    while (state.deciding) await condition(() => !state.deciding);
    if (proposed.kind === 'moved' && proposed.found === state.course?.incumbent.commit) {
      waiting = await make(experiment, false, waiting);
    } else if (proposed.kind === 'moved') {
      wait(state, waiting); // its number gets its record, whoever ends the session now
      await quiet();
      await dealWithMove({ state, contract, moved: proposed, changed }, experiment);
      state.waiting = state.waiting.filter((one) => one.experiment !== experiment);
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
  const { model, effort, maxTokens, trialSeconds } = input;
  return { choice: { model, effort, maxTokens }, hints, ...(trialSeconds !== undefined && { trialSeconds }) };
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
    const isDown = proposed.kind === 'down';
    if (isDown !== (state.down !== null)) {
      state.down = isDown ? `${sentence(proposed.reason)} It is asked again every minute.` : null;
      changed();
    }
    if (proposed.kind !== 'down') return proposed;
    await condition(() => state.stop !== 'no', Math.min(LONGEST_PAUSE_MS, proposed.afterMs ?? pause));
    if (endOfSearch(state) !== null) return unmade(0).proposed;
  }
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

/** What is to be tried before any new idea: what was better than an older incumbent, what a person accepted, or wrote. */
function wishOf(state: SessionState, before: Waiting, rebase: boolean): Pick<Waiting, 'accepted' | 'patch' | 'parent'> {
  const { accepted, patch, parent } = before;
  const isNamed = rebase || accepted !== undefined || patch !== undefined || parent !== undefined;
  if (isNamed) {
    return {
      ...(accepted !== undefined && { accepted }),
      ...(patch !== undefined && { patch }),
      ...(parent !== undefined && { parent }),
    };
  }
  const [overtaken] = state.overtaken;
  if (overtaken !== undefined) {
    const { experiment, accepted: of } = overtaken;
    return { parent: experiment, ...(of !== undefined && { accepted: of }) };
  }
  const [wanted] = state.accepted;
  if (wanted !== undefined) return { accepted: wanted };
  const [written] = state.patches;
  return written === undefined ? {} : { patch: written };
}

/**
 * Makes one experiment's proposal, against the incumbent of the moment; what cannot be proposed for no person's fault
 * is `failed`. Where the session ends meanwhile, what it was before waits for its record.
 */
function createMaker({ state, contract, changed, writing }: ProposalsDeps) {
  const verbs = gitVerbs(contract);
  return async (experiment: number, rebase: boolean, before: Waiting = unmade(experiment)): Promise<Waiting> => {
    const proposer = state.input.proposer ?? 'search';
    const asked = proposer === 'anthropic' ? forModel(state) : {};
    const more = wishOf(state, before, rebase);
    const { accepted, patch, parent } = more;
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
      // On the new incumbent it may be the same tree as before: only its record says that this one has no verdict.
      if (parent !== undefined) await writing.last;
      const answered = await whileUp(state, () => unlessBlocked(state, propose, changed), changed);
      const proposed = withWork(state, before.proposed, answered);
      // Once it waits, or is refused, nobody asks for it again.
      if (proposed.kind === 'proposal' || proposed.kind === 'dropped') {
        state.accepted = state.accepted.filter((one) => one !== accepted);
        state.patches = state.patches.filter(({ id }) => id !== patch?.id);
        state.overtaken = state.overtaken.filter((one) => one.experiment !== parent);
      }
      return { experiment, proposed, ...more };
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) {
        wait(state, before); // its candidate may stand in git already
        throw error;
      }
      return { experiment, proposed: { kind: 'failed', reason: failureText(error) } };
    }
  };
}
