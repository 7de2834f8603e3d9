// A question to a model as it is sent: what it is told, what it answered so far, and what is wrong with that. And the most
// that asking it may take, which is known only before it is asked.
import type {
  CacheControlEphemeral,
  ContentBlock,
  MessageParam,
  TextBlockParam,
  ToolResultBlockParam,
  ToolUseBlock,
} from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import type { Needs } from '../../domain/budget.ts';
import { sentence } from '../../domain/sentence.ts';
import type { Effort } from '../../domain/session.ts';
import { answerSchema } from './answer.ts';
import type { Question } from './ask-anthropic.ts';
import type { Kept } from './kept-answers.ts';
import { costOf, type Price } from './price.ts';
import { tokensOf } from './tokens.ts';

/** How a session asks. */
export interface Manner {
  readonly effort?: Effort | undefined;
  readonly maxTokens?: number | undefined;
  readonly trialSeconds: number;
}

const MOST_TOKENS = 16_000;
/** Longer than this, with what starts and scores a training, the next question comes when a cache of five minutes is gone. */
const MOST_SECONDS_IN_CACHE = 200;

const isCachedForHour = ({ trialSeconds }: Manner): boolean => trialSeconds > MOST_SECONDS_IN_CACHE;

/** The question as it stands; `faultOf` says what is wrong with an answer that there is, which `tool` takes. */
export function questionOf(
  { model, prompt, answers }: Kept,
  manner: Manner,
  faultOf: (turn: number) => string,
  tool: Question['tool'] = TOOL,
): Question {
  const question = blocksOf(prompt, isCachedForHour(manner) ? { type: 'ephemeral', ttl: '1h' } : { type: 'ephemeral' });
  const messages: MessageParam[] = [{ role: 'user', content: question }];
  for (const [turn, answer] of answers.entries()) {
    const complaint = `That cannot be used: ${sentence(faultOf(turn))} Call \`${tool.name}\` again, once.`;
    const calls = answer.content.filter((block) => block.type === 'tool_use');
    // What has no call in it, or was cut off in its thoughts, the API does not take back: the question is put once more.
    if (calls.length === 0) question.push({ type: 'text', text: `Your last answer: ${complaint}` });
    else
      messages.push(
        { role: 'assistant', content: answer.content.map(asSent) },
        { role: 'user', content: refusals(calls, complaint) },
      );
  }
  const { effort, maxTokens = MOST_TOKENS } = manner;
  return { model, maxTokens, effort, system: prompt.system, messages, tool };
}

/** The most that it may take: all of it read anew and written into the cache, and the longest answer. No dollars where nobody knows the price. */
export function needsOf({ system, messages, tool, maxTokens }: Question, manner: Manner, price: Price | null): Needs {
  const read = tokensOf(JSON.stringify([system, messages, tool]).length);
  const written = isCachedForHour(manner) ? { written: 0, writtenForHour: read } : { written: read };
  return {
    usd: costOf({ input: 0, cached: 0, ...written, output: maxTokens }, price) ?? 0,
    tokens: read + maxTokens,
  };
}

/** Cached up to the code, and up to the last whole block of what was tried: the API takes no more marks than four. */
function blocksOf({ stable, fresh }: Kept['prompt'], cache: CacheControlEphemeral): TextBlockParam[] {
  const marked = new Set([1, stable.length - 1]);
  return [
    ...stable.map((text, index) => ({
      type: 'text' as const,
      text,
      ...(marked.has(index) && { cache_control: cache }),
    })),
    { type: 'text' as const, text: fresh },
  ];
}

/** The API takes no call back whose input is no object. */
function asSent(block: ContentBlock): ContentBlock {
  if (block.type !== 'tool_use') return block;
  const { input } = block;
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return block;
  return { ...block, input: { INVALID_JSON: typeof input === 'string' ? input : JSON.stringify(input) } };
}

const refusals = (calls: readonly ToolUseBlock[], complaint: string): ToolResultBlockParam[] =>
  calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, is_error: true, content: complaint }));

/** What takes the answer. */
export const TOOL: Question['tool'] = {
  name: 'propose',
  description: 'Hands in the one edit of this experiment.',
  eager_input_streaming: true, // or a large edit is silence
  input_schema: { ...z.toJSONSchema(answerSchema, { io: 'input' }), type: 'object' },
};
