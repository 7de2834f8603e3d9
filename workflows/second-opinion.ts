// A second model reads what would be kept, where the session's input names one. Its doubt, or its silence, is no verdict on
// the idea: a person looks at it.
import { condition } from '@temporalio/workflow';
import { keepFree, leftFor } from '../src/domain/budget.ts';
import { doubtIn, type Reviewed } from '../src/domain/opinion.ts';
import { gitVerbs } from './activities.ts';
import { unlessBlocked } from './blocked.ts';
import type { DoubtRequest } from './doubt.ts';
import { bookWork } from './state.ts';

/** How long one that is down is left alone before it is asked again; then it is given up. */
const PAUSES_MS = [5000, 60_000];

/** Why a candidate is not kept by itself, in one sentence; null where nobody is to read it, or its reader has no doubt. */
export async function secondOpinion(request: DoubtRequest): Promise<string | null> {
  const { state, seen } = request;
  const { reviewer } = state.input;
  if (reviewer === undefined) return null;
  state.questions++;
  try {
    const { opinion, needs } = await untilRead(request, reviewer);
    bookWork(state, opinion.work);
    // As with a proposal that is too dear: what needs a reader to be kept is not searched for without one.
    if (needs !== undefined) state.work = keepFree(state.work, needs);
    seen.opinion = opinion;
    return doubtIn(opinion);
  } finally {
    state.questions--;
  }
}

async function untilRead(request: DoubtRequest, reviewer: string): Promise<Reviewed> {
  const { state, contract, experiment, base, commit: candidate, changed } = request;
  for (let tried = 0; ; tried++) {
    const left = leftFor(state.budget, state.work, state.questions - 1);
    const input = { contract, experiment, base, candidate, reviewer, ...(left && { left }) };
    const reviewed = await unlessBlocked(state, () => gitVerbs(contract).review(input), changed);
    const pause = PAUSES_MS[tried];
    if (reviewed.isDown !== true || pause === undefined) return reviewed;
    // A person who stops the session does not wait for it.
    if (await condition(() => state.stop !== 'no', pause)) return reviewed;
  }
}
