// One experiment's proposal: what is asked of the activity, and of whom, for as long as it takes.
import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { Contract } from '../activities/contract.ts';
import { joinWork, keepFree, leftFor } from '../src/domain/budget.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { takesThought } from '../src/domain/session.ts';
import { gitVerbs } from './activities.ts';
import { failureText, unlessBlocked } from './blocked.ts';
import type { Writing } from './ended.ts';
import { bookWork, isDown, proposerOf, type SessionState, type Waiting } from './state.ts';
import { unmade, wait } from './waiting.ts';
import { whileUp } from './while-up.ts';

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
  const told = hints.filter((hint) => hint !== null);
  const seconds = trialSeconds === undefined ? {} : { trialSeconds };
  return { ...run, choice: { model, effort, maxTokens }, hints: told, ...seconds };
}

/** With what a model took for it, also for a base that has moved since. */
function withWork(state: SessionState, before: Waiting['proposed'], proposed: Proposed): Proposed {
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

/** A proposal that is being made. */
interface Making {
  readonly experiment: number;
  readonly wish: Wish;
  /** Whether the proposer has to think of something. */
  readonly isIdea: boolean;
}

const isWish = (wish: Wish): boolean => Object.keys(wish).length > 0;

/**
 * What is to be tried before any new idea: what was better than an older incumbent, what a person accepted, or wrote;
 * once, whoever else makes a proposal or waits with one. Not behind a number that waits for an idea, whose turn is first
 * and may be far away.
 */
function nextWish(state: SessionState, experiment: number, making: ReadonlySet<Making>): Wish {
  const ideas = [...state.waiting.filter(isDown), ...[...making].filter(({ isIdea }) => isIdea)];
  if (ideas.some((one) => one.experiment < experiment)) return {};
  const others = [...state.waiting, ...[...making].map(({ wish }) => wish)];
  const overtaken = state.overtaken.find((one) => !others.some(({ parent: of }) => of === one.experiment));
  if (overtaken !== undefined) {
    const { experiment: parent, accepted: of } = overtaken;
    return { parent, ...(of !== undefined && { accepted: of }) };
  }
  const wanted = state.accepted.find((one) => !others.some(({ accepted: of }) => of === one));
  if (wanted !== undefined) return { accepted: wanted };
  const written = state.patches.find(({ id }) => !others.some((other) => other.patch?.id === id));
  return written === undefined ? {} : { patch: written };
}

/** What it was made for before. */
const wishOf = ({ accepted, patch, parent }: Waiting): Wish => ({
  ...(accepted !== undefined && { accepted }),
  ...(patch !== undefined && { patch }),
  ...(parent !== undefined && { parent }),
});

/** Once it waits, or is refused, nobody asks for it again. */
function forgetWish(state: SessionState, { accepted, patch, parent }: Wish): void {
  state.accepted = state.accepted.filter((one) => one !== accepted);
  state.patches = state.patches.filter(({ id }) => id !== patch?.id);
  state.overtaken = state.overtaken.filter((one) => one.experiment !== parent);
}

/**
 * Makes one experiment's proposal, against the incumbent of the moment; what cannot be proposed for no person's fault
 * is `failed`, and `down` while something else goes first. Where the session ends meanwhile, what it was before waits for
 * its record.
 */
export function createMaker({ state, contract, changed, writing }: MakerDeps) {
  const verbs = gitVerbs(contract);
  const making = new Set<Making>();
  return async (experiment: number, rebase: boolean, before: Waiting = unmade(experiment)): Promise<Waiting> => {
    const proposer = proposerOf(state);
    const named = wishOf(before);
    const more = rebase || isWish(named) ? named : nextWish(state, experiment, making);
    const isIdea = !rebase && !isWish(more);
    const own: Making = { experiment, wish: more, isIdea };
    making.add(own);
    state.questions++;
    const propose = () => {
      const base = state.course?.incumbent.commit ?? contract.base;
      const left = leftFor(state.budget, state.work, state.questions - 1);
      return verbs.propose({
        contract,
        experiment,
        base,
        proposer,
        rebase,
        at: new Date().toISOString(),
        ...(takesThought(proposer) && forModel(state)), // what people want by now
        ...(left !== undefined && { left }),
        ...more,
      });
    };
    try {
      // On the new incumbent it may be the same tree as before: only its record says that this one has no verdict.
      if (more.parent !== undefined) await writing.last;
      const question = {
        ask: () => unlessBlocked(state, propose, changed),
        isIdea,
        isWished: () => isWish(nextWish(state, experiment, making)),
      };
      const answered = await whileUp(state, question, changed);
      const proposed = withWork(state, before.proposed, answered);
      if (proposed.kind === 'proposal' || proposed.kind === 'dropped') forgetWish(state, more);
      return { experiment, proposed, ...more };
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) {
        wait(state, before); // its candidate may stand in git already
        throw error;
      }
      return { experiment, proposed: { kind: 'failed', reason: failureText(error) } };
    } finally {
      making.delete(own);
      state.questions--;
    }
  };
}
