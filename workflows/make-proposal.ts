// One experiment's proposal: what is asked of the activity, and of whom, for as long as it takes.
import { ActivityFailure, condition, isCancellation } from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';
import { joinWork, keepFree, leftFor } from '../src/domain/budget.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { sentence } from '../src/domain/sentence.ts';
import { takesThought } from '../src/domain/session.ts';
import { gitVerbs } from './activities.ts';
import { failureText, unlessBlocked } from './blocked.ts';
import type { Writing } from './ended.ts';
import { bookWork, proposerOf, type SessionState, type Waiting } from './state.ts';
import { endOfSearch } from './status.ts';
import { unmade, wait } from './waiting.ts';

/** What a proposal hangs on. */
export interface MakerDeps {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly changed: () => void;
  /** The ledger must hold what came before a proposal that is made ahead. */
  readonly writing: Writing;
}

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
  if (proposed.kind === 'dropped' && proposed.needs !== undefined) state.work = keepFree(state.work, proposed.needs);
  if (proposed.kind !== 'proposal' && proposed.kind !== 'dropped') return proposed;
  const work = joinWork(earlier, now);
  return work === undefined ? proposed : { ...proposed, work };
}

/** What is wanted instead of a new idea. */
type Wish = Pick<Waiting, 'accepted' | 'patch' | 'parent'>;

/**
 * What is to be tried before any new idea: what was better than an older incumbent, what a person accepted, or wrote;
 * once, whoever else makes a proposal or waits with one.
 */
function wishOf(state: SessionState, before: Waiting, rebase: boolean, beside: ReadonlySet<Wish>): Wish {
  const { accepted, patch, parent } = before;
  const isNamed = rebase || accepted !== undefined || patch !== undefined || parent !== undefined;
  if (isNamed) {
    return {
      ...(accepted !== undefined && { accepted }),
      ...(patch !== undefined && { patch }),
      ...(parent !== undefined && { parent }),
    };
  }
  const others = [...state.waiting, ...beside];
  const overtaken = state.overtaken.find(({ experiment }) => !others.some(({ parent: of }) => of === experiment));
  if (overtaken !== undefined) {
    const { experiment, accepted: of } = overtaken;
    return { parent: experiment, ...(of !== undefined && { accepted: of }) };
  }
  const wanted = state.accepted.find((experiment) => !others.some(({ accepted: of }) => of === experiment));
  if (wanted !== undefined) return { accepted: wanted };
  const written = state.patches.find(({ id }) => !others.some((other) => other.patch?.id === id));
  return written === undefined ? {} : { patch: written };
}

/**
 * Makes one experiment's proposal, against the incumbent of the moment; what cannot be proposed for no person's fault
 * is `failed`. Where the session ends meanwhile, what it was before waits for its record.
 */
export function createMaker({ state, contract, changed, writing }: MakerDeps) {
  const verbs = gitVerbs(contract);
  const making = new Set<Wish>();
  return async (experiment: number, rebase: boolean, before: Waiting = unmade(experiment)): Promise<Waiting> => {
    const proposer = proposerOf(state);
    const asked = takesThought(proposer) ? forModel(state) : {};
    const more = wishOf(state, before, rebase, making);
    making.add(more);
    const { accepted, patch, parent } = more;
    const propose = () => {
      const base = state.course?.incumbent.commit ?? contract.base;
      const left = leftFor(state.budget, state.work, making.size - 1);
      return verbs.propose({
        contract,
        experiment,
        base,
        proposer,
        rebase,
        at: new Date().toISOString(),
        ...asked,
        ...(left !== undefined && { left }),
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
    } finally {
      making.delete(more);
    }
  };
}
