import { afterEach, describe, expect, it } from 'vitest';
import { accessIn } from '../../../src/proposer/model/access.ts';
import {
  createAskAnthropic,
  ModelDown,
  ModelRefused,
  type Patience,
  type Question,
} from '../../../src/proposer/model/ask-anthropic.ts';
import { until } from '../../support/until.ts';
import { startMessagesApi, type MessagesApi, type Reply } from '../../support/messages-api.ts';

const QUESTION: Question = {
  model: 'a-model',
  maxTokens: 1000,
  effort: 'high',
  system: 'be brief',
  messages: [{ role: 'user', content: 'what next?' }],
  tool: { name: 'propose', input_schema: { type: 'object' } },
};
const never = new AbortController().signal;

let api: MessagesApi | undefined;
afterEach(() => api?.close());

const askedOf = async (reply: Reply, signal = never, patience?: Patience) => {
  api = await startMessagesApi(() => reply);
  const access = accessIn({ ANTHROPIC_API_KEY: ' a-key ', ANTHROPIC_BASE_URL: api.url });
  if (typeof access === 'string') throw new Error(access);
  return createAskAnthropic(access, patience)(QUESTION, signal);
};
const failureOf = (reply: Reply, patience?: Patience): Promise<unknown> =>
  askedOf(reply, never, patience).catch((error: unknown) => error);

describe('a question to the Messages API', () => {
  it('is streamed, with the key in its header alone, and gives the whole answer with what it took', async () => {
    const answer = await askedOf({ propose: { hypothesis: 'more' } });
    expect(answer).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'tool_use', input: { hypothesis: 'more' } }],
    });
    expect(answer.usage).toMatchObject({ input_tokens: 1000, cache_read_input_tokens: 200, output_tokens: 50 });
    const [question] = api?.asked ?? [];
    expect(question?.headers['x-api-key']).toBe('a-key');
    expect(JSON.stringify(question?.body)).not.toContain('a-key');
    expect(question?.body).toMatchObject({
      model: 'a-model',
      max_tokens: 1000,
      output_config: { effort: 'high' },
      stream: true,
    });
  });

  it.each([
    [401, 'invalid x-api-key'],
    [403, 'no access'],
    [404, 'model: a-model'],
    [400, 'Your credit balance is too low'],
    [413, 'too large'],
  ])('is for a person to mend after %i, in the words of the API', async (status, message) => {
    const error = await failureOf({ status, message });
    expect(error).toBeInstanceOf(ModelRefused);
    expect((error as Error).message).toBe(`The API of the model a-model refuses (${status}): ${message}`);
    expect(api?.asked).toHaveLength(1);
  });

  it('tells no key, whoever says it', async () => {
    const error = await failureOf({ status: 401, message: 'the key a-key is bad' });
    expect((error as Error).message).toContain('the key *** is bad');
  });

  it.each([408, 409, 429, 500, 503, 529])('may be asked again after %i, and is not by itself', async (status) => {
    const error = await failureOf({ status });
    expect(error).toBeInstanceOf(ModelDown);
    expect(api?.asked).toHaveLength(1);
  });

  it.each([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after-ms': '1500', 'retry-after': '7' }, 1500],
    [{ 'retry-after': 'soon' }, undefined],
  ])('is told when to ask again: %o', async (headers, ms) => {
    expect(await failureOf({ status: 429, headers })).toMatchObject({ retryAfterMs: ms });
  });

  it('may be asked again when the stream breaks off, which costs what was read, or nobody is there', async () => {
    const broken = await failureOf({ propose: { hypothesis: 'more' }, breakOff: true });
    expect(broken).toBeInstanceOf(ModelDown);
    expect(broken).toMatchObject({ usage: { input_tokens: 1000 } });
    expect((broken as ModelDown).usage?.output_tokens).toBeGreaterThan(1);
    const gone = createAskAnthropic({ apiKey: 'a-key', authToken: undefined, baseUrl: api?.url });
    await api?.close();
    const error: unknown = await gone(QUESTION, never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelDown);
    expect((error as Error).message).toMatch(/^The API of the model a-model cannot be reached: .*ECONNREFUSED/);
  });

  it('gives a tool’s input as the text that came where that is no JSON, with all that it took', async () => {
    const rawInput = '{"hypothesis": "two\nlines"}';
    const answer = await askedOf({ rawInput });
    expect(answer).toMatchObject({ stop_reason: 'tool_use', content: [{ type: 'tool_use', input: rawInput }] });
    expect(answer.usage).toMatchObject({ input_tokens: 1000, output_tokens: 50 });
  });

  it('is broken off soon where no answer begins, and late where one has begun', async () => {
    const soon = await failureOf({ silent: 'at all' }, { toBegin: 100, within: 60_000 });
    expect(soon).toBeInstanceOf(ModelDown);
    expect(soon).toMatchObject({ message: 'The model a-model said nothing for 0.1 s.', usage: undefined });
    await api?.close();
    const late = await failureOf({ silent: 'within' }, { toBegin: 60_000, within: 2000 });
    expect(late).toBeInstanceOf(ModelDown);
    expect(late).toMatchObject({ message: 'The model a-model said nothing for 2 s.', usage: { input_tokens: 1000 } });
  });

  it('ends at once when nobody wants the answer any more', async () => {
    const unwanted = new AbortController();
    const answer = askedOf({ propose: {}, afterMs: 60_000 }, unwanted.signal);
    await until(() => api?.asked.length === 1);
    unwanted.abort(new Error('stopped'));
    await expect(answer).rejects.toThrow('stopped');
  });
});

describe('the access that an environment gives', () => {
  it('is a key or a token, and an address', () => {
    expect(accessIn({ ANTHROPIC_AUTH_TOKEN: 'a-token' })).toEqual({ authToken: 'a-token' });
  });

  it.each([
    ['there is no key', { ANTHROPIC_API_KEY: ' ' }, /^Expected ANTHROPIC_API_KEY in the environment/],
    ['the key has two lines', { ANTHROPIC_API_KEY: 'sk-secret\nx' }, /one line without blanks/],
    [
      'the address holds a password',
      { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'https://me:secret@x' },
      /without a name/,
    ],
    ['the address is none', { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'secret' }, /to be an http\(s\) address/],
  ])('is none where %s, and the reason tells no secret', (_what, env, reason) => {
    expect(accessIn(env)).toMatch(reason);
    expect(accessIn(env)).not.toContain('secret');
  });
});
