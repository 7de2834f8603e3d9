import { condition } from '@temporalio/workflow';
import { takesThought } from '../src/domain/session.ts';
import { createMaker, type MakerDeps } from './make-proposal.ts';
import { dealWithMove } from './moved-line.ts';
import { adoptRecord } from './recorded.ts';
import { isDown, madeAhead, proposerOf, type Ready, type SessionState, type Waiting } from './state.ts';
import { unmade, wait } from './waiting.ts';
import { givesWay } from './while-up.ts';

/** Proposals of one session in their order; some are made ahead, while devices train. */
export interface Proposals {
  /**
   * The next proposal, against the incumbent of this moment; a kept line that somebody moved is dealt with
   * first. `recorded`: the ledger has this experiment already, and it is booked, or it has the session's end. `held`:
   * nobody answers, and something else goes first.
   */
  readonly next: () => Promise<Ready | 'recorded' | 'held'>;
  /** It is the next again. */
  readonly putBack: (waiting: Ready) => void;
  /**
   * Makes proposals ahead while `wanted`, as many as the session looks ahead; nothing where that is under way. `making`:
   * how many others are on their way.
   */
  readonly lookAhead: (wanted: (making: number) => boolean) => void;
  /** Waits for what is being made; it then stands in `state.waiting`. */
  readonly drain: () => Promise<void>;
}

/** What proposals hang on. */
export interface ProposalsDeps extends MakerDeps {
  /** Waits until no experiment is under way: only then the line is moved. */
  readonly quiet: () => Promise<void>;
}

/**
 * Creates the queue of proposals; `state.waiting` is where a finished look-ahead stands. The search's are made one after
 * the other, whatever the lanes, so that each knows all that were made before it. Who takes thought makes several at
 * once: lanes would wait for them in turn, and what is made beside each other is seldom the same.
 */
export function createProposals(deps: ProposalsDeps): Proposals {
  const { state } = deps;
  const make = createMaker(deps);
  const turn = { ...deps, make };
  const lookahead = state.input.lookahead ?? 1;
  const atOnce = takesThought(proposerOf(state)) ? lookahead : 1;
  const makers = new Set<Promise<void>>();
  const making = new Set<number>();
  let isMaking = false;
  const look = async (wanted: (making: number) => boolean): Promise<void> => {
    while (madeAhead(state) + making.size < lookahead && wanted(making.size) && !waits(state, making.size)) {
      const before = takeNumber(state);
      if (before === undefined) return;
      const { experiment } = before;
      making.add(experiment);
      try {
        await deps.writing.last;
        wait(state, await make(experiment, false, before));
      } catch {
        // The session is being cancelled or stopped.
        if (!state.waiting.some((one) => one.experiment === experiment)) wait(state, unmade(experiment));
        return;
      } finally {
        making.delete(experiment);
      }
    }
  };
  // In the order of their numbers, whoever was faster: what is kept is in that order too.
  const isNextThere = (): boolean => (state.waiting[0]?.experiment ?? Infinity) < Math.min(...making);
  return {
    drain: async () => void (await Promise.all(makers)),
    next: async () => {
      if (!isNextThere()) await condition(() => isNextThere() || makers.size === 0);
      const [waiting, ...rest] = state.waiting;
      state.waiting = rest;
      if (waiting === undefined) {
        isMaking = true;
        const made = make(state.nextExperiment++, false).finally(() => (isMaking = false));
        return takeTurn(turn, await made);
      }
      return takeTurn(turn, isToMake(state, waiting) ? await make(waiting.experiment, false, waiting) : waiting);
    },
    putBack: (waiting) => wait(state, waiting),
    lookAhead: (wanted) => {
      if (isMaking) return;
      for (let others = makers.size; others < atOnce; others++) {
        const maker = look(wanted).finally(() => makers.delete(maker));
        makers.add(maker);
      }
    },
  };
}

/** Whether no more is to be thought of now: what somebody wants tried goes behind no idea, so those end first. */
const waits = ({ overtaken, accepted, patches }: SessionState, making: number): boolean =>
  making > 0 && overtaken.length + accepted.length + patches.length > 0;

/** Whether a proposal whose turn has come is to be made now, for the first time or once more. */
function isToMake(state: SessionState, waiting: Waiting): boolean {
  if (isDown(waiting)) return !givesWay(state);
  // Looked at while a keep was being written, which may have been the move; or made before a move that is wanted.
  return waiting.proposed.kind === 'moved' || state.acceptedTip !== null;
}

/** What a proposal is to be made for: a number that went back, else a new one; undefined where that has to wait. */
function takeNumber(state: SessionState): Waiting | undefined {
  const back = state.waiting.find(isDown);
  if (back === undefined) return unmade(state.nextExperiment++);
  if (givesWay(state)) return undefined;
  state.waiting = state.waiting.filter((one) => one !== back);
  return back;
}

interface Turn extends ProposalsDeps {
  readonly make: ReturnType<typeof createMaker>;
}

/** A proposal's turn has come: whatever stands in its way is dealt with first. */
async function takeTurn(turn: Turn, first: Waiting): Promise<Ready | 'recorded' | 'held'> {
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
    } else if (proposed.kind === 'down') {
      wait(state, waiting);
      return 'held';
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
