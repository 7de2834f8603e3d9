// An edit from a model. The prompt is written down before it is sent and each answer before it is looked at, so that an
// activity that runs twice asks with the same words and pays for no answer twice.
import type {
  ContentBlock,
  Message,
  MessageParam,
  ToolResultBlockParam,
  ToolUseBlock,
} from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import type { ModelWork } from '../src/domain/model-work.ts';
import { asksModel } from '../src/domain/session.ts';
import type { Models } from '../src/models.ts';
import { answerSchema, readAnswer, type ReadAnswer } from '../src/proposer/model/answer.ts';
import { ModelDown, ModelRefused, type Question } from '../src/proposer/model/ask-anthropic.ts';
import { keptAt, readKept, writeKept, type Kept } from '../src/proposer/model/kept-answers.ts';
import { LEAST_REASON, nearRepeatOf, type Idea } from '../src/proposer/model/near-repeat.ts';
import { workInVain, workOf } from '../src/proposer/model/kept-work.ts';
import { buildPrompt, type Prompt } from '../src/proposer/model/prompt.ts';
import type { PromptRequest, PromptTry } from '../src/proposer/model/prompt-request.ts';
import type { Proposal } from '../src/proposer/proposer.ts';
import type { ModelChoice, ProposeInput } from './contract.ts';

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
  readonly signal: AbortSignal;
}

/** An edit with what it took, or why there is none. */
export type Asked =
  | (Extract<Proposal, { kind: 'proposal' }> & { readonly work: ModelWork })
  | { readonly kind: 'dropped'; readonly reason: string; readonly hypothesis: string; readonly work: ModelWork };

/** One question, and one more where the answer does not fit. */
const MOST_TURNS = 2;
const MOST_TOKENS = 16_000;
/** At most so many marks are taken by the API. */
const CACHE = { cache_control: { type: 'ephemeral' } } as const;

/** Asks the model for one edit; throws `ModelDown`, and `ModelRefused` for what a person has to mend. */
export async function askForEdit(deps: Models, request: ModelRequest): Promise<Asked> {
  const path = keptAt(deps.proposals, { ...request, experiment: request.prompt.experiment });
  const before = readKept(path);
  // Until there is an answer, a person may have another model asked, or say more.
  const isAnswered = before !== undefined && before.answers.length > 0;
  const kept: Kept = isAnswered ? before : { ...begin(deps, request), ...(before?.lost && { lost: before.lost }) };
  let wrong: string | null = null;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const answer = kept.answers[turn] ?? (await nextAnswer(deps, request, kept, path));
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

async function nextAnswer(deps: Models, request: ModelRequest, kept: Kept, path: string): Promise<Message> {
  if (typeof deps.ask === 'string') throw new ModelRefused(deps.ask);
  writeKept(path, kept);
  try {
    const answer = await deps.ask(questionOf(request, kept), request.signal);
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

function questionOf(request: ModelRequest, { model, prompt, answers }: Kept): Question {
  const { choice } = request;
  const question = blocksOf(prompt);
  const messages: MessageParam[] = [{ role: 'user', content: question }];
  for (const [turn, answer] of answers.entries()) {
    const read = readTurn(request, answers, turn);
    const complaint = `That cannot be used: ${read.kind === 'wrong' ? read.reason : ''} Call \`propose\` again, once.`;
    const calls = answer.content.filter((block) => block.type === 'tool_use');
    // What has no call in it, or was cut off in its thoughts, the API does not take back: the question is put once more.
    if (calls.length === 0) question.push({ type: 'text', text: `Your last answer: ${complaint}` });
    else
      messages.push(
        { role: 'assistant', content: answer.content.map(asSent) },
        { role: 'user', content: refusals(calls, complaint) },
      );
  }
  return {
    model,
    maxTokens: choice.maxTokens ?? MOST_TOKENS,
    effort: choice.effort,
    system: prompt.system,
    messages,
    tool: TOOL,
  };
}

/** Cached up to the code, and up to the last whole block of what was tried. */
function blocksOf({ stable, fresh }: Prompt): { type: 'text'; text: string }[] {
  const marked = new Set([1, stable.length - 1]);
  return [
    ...stable.map((text, index) => ({ type: 'text' as const, text, ...(marked.has(index) && CACHE) })),
    { type: 'text' as const, text: fresh },
  ];
}

/** The API takes no call back whose input is no object. */
function asSent(block: ContentBlock): ContentBlock {
  if (block.type !== 'tool_use') return block;
  const { input } = block;
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject
    ? block
    : { ...block, input: { INVALID_JSON: typeof input === 'string' ? input : JSON.stringify(input) } };
}

const refusals = (calls: readonly ToolUseBlock[], complaint: string): ToolResultBlockParam[] =>
  calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, is_error: true, content: complaint }));

const TOOL: Question['tool'] = {
  name: 'propose',
  description: 'Hands in the one edit of this experiment.',
  eager_input_streaming: true, // or a large edit is silence
  input_schema: { ...z.toJSONSchema(answerSchema, { io: 'input' }), type: 'object' },
};

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
