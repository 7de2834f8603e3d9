// An edit from a model: one question, and one more where its answer cannot be used.
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { Left, Needs } from '../src/domain/budget.ts';
import type { ModelWork } from '../src/domain/model-work.ts';
import { asksModel } from '../src/domain/session.ts';
import type { Models } from '../src/models.ts';
import { readAnswer, type ReadAnswer } from '../src/proposer/model/answer.ts';
import { keptAt, readKept, type Kept } from '../src/proposer/model/kept-answers.ts';
import { LEAST_REASON, nearRepeatOf, type Idea } from '../src/proposer/model/near-repeat.ts';
import { workInVain, workOf } from '../src/proposer/model/kept-work.ts';
import { buildPrompt } from '../src/proposer/model/prompt.ts';
import type { PromptRequest, PromptTry } from '../src/proposer/model/prompt-request.ts';
import { questionOf, TOOL } from '../src/proposer/model/question.ts';
import type { Proposal } from '../src/proposer/proposer.ts';
import type { ModelChoice, ProposeInput } from './contract.ts';
import { nextAnswer, type TooDear } from './next-answer.ts';

/** An idea that has a verdict, and what a model may know of that. */
export type TriedIdea = Idea & Pick<PromptTry, 'experiment' | 'verdict' | 'outcome'>;

/** Which proposal is wanted. */
export interface ModelRequest {
  readonly session: string;
  readonly base: string;
  readonly choice: ModelChoice;
  readonly prompt: PromptRequest;
  /** What an idea must not nearly be, unless it says why. */
  readonly tried: readonly TriedIdea[];
  /** What may be spent on it; absent: what it takes. */
  readonly left?: Left | undefined;
  readonly signal: AbortSignal;
}

/** An edit with what it took, or why there is none. */
export type Asked =
  | (Extract<Proposal, { kind: 'proposal' }> & { readonly work: ModelWork })
  | { readonly kind: 'dropped'; readonly reason: string; readonly hypothesis: string; readonly work: ModelWork }
  | NotAsked;

/** It was not asked, or not once more, because that may take more than is left. */
interface NotAsked {
  readonly kind: 'dropped';
  readonly reason: string;
  readonly hypothesis: string;
  readonly needs: Needs;
  readonly work?: ModelWork;
}

/** One question, and one more where the answer does not fit. */
const MOST_TURNS = 2;

/** Asks the model for one edit; throws `ModelDown`, and `ModelRefused` for what a person has to mend. */
export async function askForEdit(deps: Models, request: ModelRequest): Promise<Asked> {
  const path = keptAt(deps.proposals, { ...request, experiment: request.prompt.experiment });
  const before = readKept(path);
  // Until there is an answer, a person may have another model asked, or say more.
  const isAnswered = before !== undefined && before.answers.length > 0;
  const kept: Kept = isAnswered ? before : { ...begin(deps, request), ...(before?.lost && { lost: before.lost }) };
  let wrong: string | null = null;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const answer = kept.answers[turn] ?? (await answerTo(deps, request, kept, path));
    if ('needs' in answer) return notAsked(deps, kept, answer);
    const read = readTurn(request, kept.answers, turn);
    const work = workOf(deps.priceOf, kept);
    if (read.kind === 'proposal') {
      const { hypothesis, edit } = read;
      const { repairs } = kept;
      return { kind: 'proposal', hypothesis, edit, files: read.files, work, ...(repairs !== undefined && { repairs }) };
    }
    wrong = read.reason;
    if (answer.stop_reason === 'refusal') break;
  }
  return {
    kind: 'dropped',
    reason: `the answer of the model cannot be used: ${wrong}`,
    hypothesis: '',
    work: workOf(deps.priceOf, kept),
  };
}

/**
 * What a model did for a candidate of `by`, which may stand already: nothing came of it where that is the search.
 * Undefined where no model did anything, or its answers are gone.
 */
export function workKept(deps: Models, input: ProposeInput, by: 'anthropic' | 'search'): ModelWork | undefined {
  const { contract, experiment, base, proposer } = input;
  if (!asksModel(proposer)) return undefined;
  const kept = readKept(keptAt(deps.proposals, { session: contract.session, experiment, base }));
  if (kept === undefined) return undefined;
  if (by === 'search') return workInVain(deps.priceOf, kept);
  return kept.answers.length > 0 ? workOf(deps.priceOf, kept) : undefined;
}

function begin({ model }: Models, { choice, prompt }: ModelRequest): Kept {
  const { system, stable, fresh } = buildPrompt(prompt);
  const { repair } = prompt;
  return {
    model: choice.model ?? model,
    prompt: { system, stable: [...stable], fresh },
    answers: [],
    ...(repair !== undefined && { repairs: repair.experiment }),
  };
}

function answerTo(deps: Models, request: ModelRequest, kept: Kept, path: string): Promise<Message | TooDear> {
  const { choice, prompt, left, signal } = request;
  const manner = { ...choice, trialSeconds: prompt.trialSeconds };
  const question = questionOf(kept, manner, (turn) => faultOf(request, kept.answers, turn));
  return nextAnswer(deps, { kept, path, question, manner, left, signal });
}

function notAsked({ priceOf }: Models, kept: Kept, { reason, needs }: TooDear): NotAsked {
  const work = workOf(priceOf, kept);
  const isPaid = work.inputTokens + work.outputTokens > 0;
  return { kind: 'dropped', reason, hypothesis: '', needs, ...(isPaid && { work }) };
}

/** What is nearly an experiment that was tried has one more turn, to say why it is not, or to be another. */
function readTurn({ prompt: { files }, tried }: ModelRequest, answers: readonly Message[], turn: number): ReadAnswer {
  const answer = answers[turn];
  const read = answer === undefined ? NO_ANSWER : readMessage(files, answer);
  if (read.kind === 'wrong' || (turn > 0 && read.differs.length >= LEAST_REASON)) return read;
  const like = nearRepeatOf(read, tried);
  if (like === undefined) return read;
  const { experiment, verdict, outcome } = like;
  const reason = `this is nearly experiment ${experiment} (${verdict}: ${outcome}). Say in \`differs\` why it should come out otherwise now, or propose something else.`;
  return { kind: 'wrong', reason };
}

/** What is said back of an answer that cannot be used. */
function faultOf(request: ModelRequest, answers: readonly Message[], turn: number): string {
  const read = readTurn(request, answers, turn);
  return read.kind === 'wrong' ? read.reason : '';
}

const NO_ANSWER: ReadAnswer = { kind: 'wrong', reason: 'Expected an answer, got none.' };

function readMessage(files: PromptRequest['files'], { content, stop_reason: stopped }: Message): ReadAnswer {
  if (stopped === 'refusal') return { kind: 'wrong', reason: 'the model refused.' };
  const calls = content.filter((block) => block.type === 'tool_use').filter(({ name }) => name === TOOL.name);
  if (stopped === 'max_tokens')
    return { kind: 'wrong', reason: 'Expected the whole answer, but it was cut off for its length; be brief.' };
  const [call, more] = calls;
  if (call === undefined) return { kind: 'wrong', reason: 'Expected a call of the tool `propose`, got none.' };
  if (more !== undefined) return { kind: 'wrong', reason: `Expected one call of \`propose\`, got ${calls.length}.` };
  return readAnswer(files, call.input);
}
