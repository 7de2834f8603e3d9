// A second model reads what is about to be kept, where the session wants that. It has no say in any other case, so that a
// night costs a few questions and not a hundred.
import { Context } from '@temporalio/activity';
import { editablePaths } from '../src/domain/task.ts';
import { homeClonePath } from '../src/git/home-clone.ts';
import { diff } from '../src/git/inspect.ts';
import { readFiles } from '../src/git/tree.ts';
import type { Models } from '../src/models.ts';
import { ModelDown, ModelRefused } from '../src/proposer/model/ask-anthropic.ts';
import { readKept, reviewAt, type Kept } from '../src/proposer/model/kept-answers.ts';
import { workOf } from '../src/proposer/model/kept-work.ts';
import { questionOf } from '../src/proposer/model/question.ts';
import { buildReview, JUDGE, readOpinion } from '../src/proposer/model/review.ts';
import { sentence } from '../src/domain/sentence.ts';
import type { Activities, ReviewInput } from './contract.ts';
import { blocked } from './failures.ts';
import { nextAnswer } from './next-answer.ts';

/** One question, and one more where the answer does not fit. */
const MOST_TURNS = 2;
/** An opinion is a sentence; what a model thinks before it, with room. */
const MOST_TOKENS = 8000;

/** Has a candidate read. An answer that cannot be used is a question: it is not known that nothing is wrong. */
export function createReview({
  repos,
  models,
}: {
  readonly repos: string;
  readonly models: Models;
}): Activities['review'] {
  return async (input) => {
    const { contract, trialSeconds, left } = input;
    const path = reviewAt(models.proposals, { session: contract.session, ...input });
    const kept = readKept(path) ?? (await begin(repos, input));
    const signal = Context.current().cancellationSignal;
    const manner = { maxTokens: MOST_TOKENS, trialSeconds };
    const wrong = (turn: number): string => faultIn(kept, turn) ?? '';
    try {
      for (let turn = 0; turn < MOST_TURNS; turn++) {
        const question = questionOf(kept, manner, wrong, JUDGE);
        const answer = kept.answers[turn] ?? (await nextAnswer(models, { kept, path, question, manner, left, signal }));
        const work = workOf(models.priceOf, kept);
        if ('needs' in answer) return { kind: 'unread', reason: answer.reason, ...(work.inputTokens > 0 && { work }) };
        const read = readOpinion(answer);
        if (!('wrong' in read)) return { kind: 'read', opinion: { ...read, work } };
        if (answer.stop_reason === 'refusal') break;
      }
    } catch (error) {
      if (error instanceof ModelRefused) throw blocked(`${sentence(error.message)} ${error.remedy}`);
      if (!(error instanceof ModelDown)) throw error;
      return { kind: 'down', reason: error.message };
    }
    const reason = `its answer cannot be used: ${wrong(kept.answers.length - 1)}`;
    return { kind: 'read', opinion: { opinion: 'question', reason, work: workOf(models.priceOf, kept) } };
  };
}

function faultIn({ answers }: Kept, turn: number): string | undefined {
  const answer = answers[turn];
  const read = answer === undefined ? undefined : readOpinion(answer);
  return read !== undefined && 'wrong' in read ? read.wrong : undefined;
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
