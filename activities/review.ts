// A second model reads what is about to be kept, where the session wants that. It has no say in any other case, so that a
// night costs a few questions and not a hundred.
import { Context } from '@temporalio/activity';
import type { Opinion, Reviewed } from '../src/domain/opinion.ts';
import { editablePaths } from '../src/domain/task.ts';
import { homeClonePath } from '../src/git/home-clone.ts';
import { diff } from '../src/git/inspect.ts';
import { readFiles } from '../src/git/tree.ts';
import type { Models } from '../src/models.ts';
import { ModelDown, ModelRefused } from '../src/proposer/model/ask-anthropic.ts';
import { readKept, reviewAt, type Kept } from '../src/proposer/model/kept-answers.ts';
import { workOf } from '../src/proposer/model/kept-work.ts';
import { questionOf, type Manner } from '../src/proposer/model/question.ts';
import { buildReview, JUDGE, readOpinion } from '../src/proposer/model/review.ts';
import { sentence } from '../src/domain/sentence.ts';
import type { Activities, ReviewInput } from './contract.ts';
import { blocked } from './failures.ts';
import { nextAnswer, type Asking } from './next-answer.ts';

/** One question, and one more where the answer does not fit. */
const MOST_TURNS = 2;
/** An opinion is a sentence; what a model thinks before it, with room. */
const MANNER: Manner = { maxTokens: 8000, trialSeconds: 0 };

/** Has a candidate read. An answer that cannot be used is a question: it is not known that nothing is wrong. */
export function createReview({
  repos,
  models,
}: {
  readonly repos: string;
  readonly models: Models;
}): Activities['review'] {
  return async (input) => {
    const path = reviewAt(models.proposals, { session: input.contract.session, ...input });
    const before = readKept(path);
    // Until there is an answer, a person may name another reviewer.
    const isAnswered = before !== undefined && before.answers.length > 0;
    const kept = isAnswered ? before : { ...(await begin(repos, input)), ...(before?.lost && { lost: before.lost }) };
    const say = (opinion: Opinion['opinion'], reason: string): Reviewed => ({
      opinion: { opinion, reason, work: workOf(models.priceOf, kept) },
    });
    try {
      return await read(models, { kept, path, left: input.left }, say);
    } catch (error) {
      if (error instanceof ModelRefused) throw blocked(`${sentence(error.message)} ${error.remedy}`);
      if (!(error instanceof ModelDown)) throw error;
      return { ...say('unread', error.message), isDown: true };
    }
  };
}

async function read(
  models: Models,
  { kept, path, left }: Pick<Asking, 'kept' | 'path' | 'left'>,
  say: (opinion: Opinion['opinion'], reason: string) => Reviewed,
): Promise<Reviewed> {
  const signal = Context.current().cancellationSignal;
  let wrong = '';
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const question = questionOf(kept, MANNER, (nth) => faultIn(kept, nth), JUDGE);
    const answer =
      kept.answers[turn] ?? (await nextAnswer(models, { kept, path, question, manner: MANNER, left, signal }));
    if ('needs' in answer) return { ...say('unread', answer.reason), needs: answer.needs };
    const found = readOpinion(answer);
    if (!('wrong' in found)) return say(found.opinion, found.reason);
    ({ wrong } = found);
    if (answer.stop_reason === 'refusal') break;
  }
  return say('question', `its answer cannot be used: ${wrong}`);
}

/** What is wrong with an answer that there is; empty where nothing is. */
function faultIn({ answers }: Kept, turn: number): string {
  const answer = answers[turn];
  const found = answer === undefined ? undefined : readOpinion(answer);
  return found !== undefined && 'wrong' in found ? found.wrong : '';
}

async function begin(repos: string, { contract, base, candidate, reviewer }: ReviewInput): Promise<Kept> {
  const clone = homeClonePath({ repos, origin: contract.origin });
  const [files, edit] = await Promise.all([
    readFiles(clone, candidate, editablePaths(contract)),
    diff(clone, base, candidate),
  ]);
  const { system, stable, fresh } = buildReview({ metric: contract.task.metric.name, files, diff: edit });
  return { model: reviewer, prompt: { system, stable: [...stable], fresh }, answers: [] };
}
