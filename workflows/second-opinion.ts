// A second model reads what would be kept, where the session's input names one. Its doubt, or its silence, is no verdict on
// the idea: a person looks at it.
import { condition } from '@temporalio/workflow';
import type { Reviewed } from '../activities/contract.ts';
import { leftFor } from '../src/domain/budget.ts';
import { doubtIn } from '../src/domain/opinion.ts';
import { sentence } from '../src/domain/sentence.ts';
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
  const reviewed = await untilRead(request, reviewer);
  if (reviewed.kind !== 'read')
    return `the reviewer (${reviewer}) has not read it: ${sentence(reviewed.reason)} Read it yourself.`;
  seen.opinion = reviewed.opinion;
  return doubtIn(reviewed.opinion);
}

async function untilRead(request: DoubtRequest, reviewer: string): Promise<Reviewed> {
  const { state, contract, experiment, base, commit: candidate, changed } = request;
  const trialSeconds = state.input.trialSeconds ?? contract.task.train.seconds;
  for (let tried = 0; ; tried++) {
    const left = leftFor(state.budget, state.work, 0);
    const input = { contract, experiment, base, candidate, reviewer, trialSeconds, ...(left && { left }) };
    const reviewed = await unlessBlocked(state, () => gitVerbs(contract).review(input), changed);
    if (reviewed.kind === 'read') bookWork(state, reviewed.opinion.work);
    if (reviewed.kind === 'unread') bookWork(state, reviewed.work);
    const pause = PAUSES_MS[tried];
    if (reviewed.kind !== 'down' || pause === undefined) return reviewed;
    // A person who stops the session does not wait for it.
    if (await condition(() => state.stop !== 'no', pause)) return reviewed;
  }
}
