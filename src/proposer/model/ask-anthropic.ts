// One question to the Messages API, streamed. Nothing is retried here: whoever runs us retries, and knows what was paid for.
import Anthropic, { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import type {
  Message,
  MessageCreateParamsStreaming,
  MessageParam,
  Tool,
  Usage,
} from '@anthropic-ai/sdk/resources/messages';
import { masked, type Access } from './access.ts';
import type { Effort } from '../../domain/session.ts';
import { gatherAnswer } from './gather-answer.ts';

/** One question: what was said so far, and the tool that takes the answer. */
export interface Question {
  readonly model: string;
  readonly maxTokens: number;
  readonly effort?: Effort | undefined;
  readonly system: string;
  readonly messages: MessageParam[];
  readonly tool: Tool;
}

/** Asks. Throws `ModelRefused`, `ModelDown`, and the abort's reason. */
export type AskModel = (question: Question, signal: AbortSignal) => Promise<Message>;

/** Thrown where only a person can mend it: a bad key, no credit, a model that the API does not know, a bad address. */
export class ModelRefused extends Error {
  override readonly name = 'ModelRefused';
  /** What a person is to do. */
  readonly remedy: string;

  constructor(message: string, remedy = 'Mend that, then resume.') {
    super(message);
    this.remedy = remedy;
  }
}

/** Thrown where asking again may help, after `retryAfterMs` if the API says when. */
export class ModelDown extends Error {
  override readonly name = 'ModelDown';
  readonly retryAfterMs: number | undefined;
  /** What was paid for before the answer broke off. */
  readonly usage: Usage | undefined;

  constructor(message: string, retryAfterMs?: number, usage?: Usage) {
    super(message);
    this.retryAfterMs = retryAfterMs;
    this.usage = usage;
  }
}

/** How long nothing may come, in milliseconds, until a question is broken off. */
export interface Patience {
  /** Before the answer begins, which takes no thought. */
  readonly toBegin: number;
  /** Within it: a model that thinks says nothing for minutes. */
  readonly within: number;
}
const PATIENCE: Patience = { toBegin: 90_000, within: 600_000 };

/** Asks the API at an address. */
export function createAskAnthropic({ apiKey, authToken, baseUrl }: Access, patience = PATIENCE): AskModel {
  const client = new Anthropic({
    apiKey: apiKey ?? null,
    authToken: authToken ?? null,
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    maxRetries: 0,
    timeout: patience.within,
    logLevel: 'off', // what it would say goes into errors, which are ours to word
  });
  const secrets = [apiKey, authToken].flatMap((secret) => secret ?? []);
  return async (question, signal) => {
    const silence = new AbortController();
    const answer = gatherAnswer();
    const listen = (ms: number) => setTimeout(() => silence.abort(`said nothing for ${ms / 1000} s`), ms);
    let alarm = listen(patience.toBegin);
    try {
      const either = AbortSignal.any([signal, silence.signal]);
      const events = await client.messages.create(bodyOf(question), { signal: either });
      for await (const event of events) {
        answer.add(event);
        clearTimeout(alarm);
        alarm = listen(patience.within);
      }
      // An aborted stream ends without a word.
      either.throwIfAborted();
      const whole = answer.whole();
      if (whole === undefined) throw new Error('it ended too early');
      return whole;
    } catch (error) {
      signal.throwIfAborted();
      const silent = silence.signal.aborted ? String(silence.signal.reason) : null;
      throw asTrouble(error, question.model, { usage: answer.usage(), silent, secrets });
    } finally {
      clearTimeout(alarm);
    }
  };
}

const bodyOf = ({ model, maxTokens, effort, system, messages, tool }: Question): MessageCreateParamsStreaming => ({
  model,
  max_tokens: maxTokens,
  system: [{ type: 'text', text: system }],
  messages,
  tools: [tool],
  stream: true,
  ...(effort !== undefined && { output_config: { effort } }),
});

/** The statuses after which the same question may be answered. */
const PASSING = new Set([408, 409, 425, 429]);

interface Circumstances {
  readonly usage: Usage | undefined;
  /** Where it was broken off because nothing came: what it did. */
  readonly silent: string | null;
  /** What no message may hold, whoever says it. */
  readonly secrets: readonly string[];
}

function asTrouble(error: unknown, model: string, { usage, silent, secrets }: Circumstances): Error {
  const clean = (text: string): string => masked(text, secrets).replaceAll(/\s+/g, ' ').trim().slice(0, 300);
  if (silent !== null) return new ModelDown(`The model ${model} ${silent}.`, undefined, usage);
  if (error instanceof APIConnectionError)
    return new ModelDown(`The API of the model ${model} cannot be reached: ${clean(deepest(error))}`, undefined, usage);
  if (!(error instanceof APIError) || error.status === undefined)
    return new ModelDown(`The answer of the model ${model} broke off: ${clean(deepest(error))}`, undefined, usage);
  const said = clean(wordsOf(error));
  if (PASSING.has(error.status) || error.status >= 500)
    return new ModelDown(`The API of the model ${model} answers ${error.status}: ${said}`, retryAfter(error.headers));
  return new ModelRefused(`The API of the model ${model} refuses (${error.status}): ${said}`, REMEDIES[error.status]);
}

/** The key and the address are the control worker's; a session's model is fixed. */
const KEY_REMEDY = 'Set a key that it takes, then `npx autoresearch down` and `up`, and resume.';
const REMEDIES: Readonly<Record<number, string>> = {
  401: KEY_REMEDY,
  403: KEY_REMEDY,
  404: 'Resume once it is there; or stop, and go on with another: `npx autoresearch start --continue-from <session> --model <name>` (of a reviewer, `--reviewer <name>`).',
};

/** What the API says is wrong. */
function wordsOf({ error, message }: APIError): string {
  const inner: unknown = typeof error === 'object' && error !== null && 'error' in error ? error.error : undefined;
  const isWorded =
    typeof inner === 'object' && inner !== null && 'message' in inner && typeof inner.message === 'string';
  return isWorded ? String(inner.message) : message;
}

function deepest(error: unknown): string {
  let words = String(error);
  for (let at: unknown = error; at instanceof Error; at = at.cause) words = at.message;
  return words.replace(/\.$/, '');
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const [ms, after] = [headers?.get('retry-after-ms'), headers?.get('retry-after')];
  if (ms != null && Number(ms) >= 0) return Number(ms);
  if (after == null) return undefined;
  if (Number(after) >= 0) return 1000 * Number(after);
  const until = Date.parse(after) - Date.now();
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
