// The next answer to a question that is kept on disk: the question is written down before it is sent and each answer
// before it is looked at, so that an activity that runs twice asks with the same words and pays for no answer twice.
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { lacking, type Left, type Needs } from '../src/domain/budget.ts';
import type { Models } from '../src/models.ts';
import { ModelDown, ModelRefused, type Question } from '../src/proposer/model/ask-anthropic.ts';
import { writeKept, type Kept } from '../src/proposer/model/kept-answers.ts';
import { workOf } from '../src/proposer/model/kept-work.ts';
import { needsOf, type Manner } from '../src/proposer/model/question.ts';

/** A question as it stands. */
export interface Asking {
  readonly kept: Kept;
  /** Where it is kept. */
  readonly path: string;
  readonly question: Question;
  readonly manner: Manner;
  /** What may be spent on it; absent: what it takes. */
  readonly left?: Left | undefined;
  readonly signal: AbortSignal;
}

/** It was not asked, or not once more, because that may take more than is left. */
export interface TooDear {
  readonly reason: string;
  readonly needs: Needs;
}

/** Asks, and keeps the answer. Throws `ModelDown`, and `ModelRefused` for what a person has to mend. */
export async function nextAnswer(deps: Models, asking: Asking): Promise<Message | TooDear> {
  const { kept, path, question, signal } = asking;
  if (typeof deps.ask === 'string') throw new ModelRefused(deps.ask);
  const dear = tooDear(deps, asking);
  if (dear !== null) return dear;
  writeKept(path, kept);
  try {
    const answer = await deps.ask(question, signal);
    kept.answers.push(answer);
    writeKept(path, kept);
    return answer;
  } catch (error) {
    if (error instanceof ModelDown && error.usage !== undefined) {
      kept.lost = [...(kept.lost ?? []), error.usage];
      writeKept(path, kept);
    }
    throw error;
  }
}

function tooDear({ priceOf }: Models, { kept, question, manner, left = {} }: Asking): TooDear | null {
  const needs = needsOf(question, manner, priceOf(kept.model));
  const work = workOf(priceOf, kept);
  const paid = { usd: work.usd ?? 0, tokens: work.inputTokens + work.outputTokens };
  const reason = lacking(left, needs, paid);
  return reason === null ? null : { reason, needs };
}
