import { expect, it } from 'vitest';
import { hear } from '../../../src/proposer/agent/output/hear.ts';

const piece = (content: string) => ({ type: 'message', role: 'assistant', content, delta: true });
const lines = (...events: (object | string)[]): string =>
  events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))).join('\n');

it('Claude Code: an agent that was ended before its result has what its messages took, each once', () => {
  const usage = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 90, output_tokens: 5 };
  const message = (id: string, block: object) => ({ type: 'assistant', message: { id, content: [block], usage } });
  const heard = hear(
    lines(
      { type: 'system', subtype: 'init', model: 'claude-opus-5-5' },
      message('m1', { type: 'text', text: 'I look.' }),
      message('m1', { type: 'tool_use', name: 'Edit', input: { file_path: 'train.py' } }),
      message('m2', { type: 'tool_use', name: 'Bash', input: { command: 'cat\n train.py' } }),
    ),
  );
  expect(heard).toMatchObject({
    model: 'claude-opus-5-5',
    turns: 2,
    inputTokens: 200,
    cachedTokens: 180,
    outputTokens: 10,
  });
  expect(heard).toMatchObject({ usd: null, said: 'I look.', doing: 'Bash cat train.py', trouble: null });
});

it('Claude Code: a result that is an error says what is wrong; so does a limit of turns', () => {
  const result = { type: 'result', num_turns: 3, total_cost_usd: 0.1 };
  expect(hear(lines({ ...result, subtype: 'success', is_error: true, result: 'no credit' })).trouble).toBe('no credit');
  expect(hear(lines({ ...result, subtype: 'error_max_turns' }))).toMatchObject({
    trouble: 'error_max_turns',
    usd: 0.1,
  });
});

it('Codex: turns are added up, a failed one is trouble, and one that ends well takes trouble back', () => {
  const usage = { input_tokens: 100, cached_input_tokens: 40, output_tokens: 7 };
  const wobble = { type: 'error', message: 'Reconnecting... 1/5' };
  const done = { type: 'turn.completed', usage };
  expect(hear(lines(wobble, done, done))).toMatchObject({
    turns: 2,
    inputTokens: 200,
    cachedTokens: 80,
    outputTokens: 14,
    trouble: null,
  });
  expect(hear(lines(done, { type: 'turn.failed', error: { message: 'usage limit' } })).trouble).toBe('usage limit');
});

it('Gemini CLI: pieces of a message are one, a warning is no trouble, a failed result is', () => {
  const heard = hear(
    lines(
      { type: 'init', model: 'gemini-4-pro', session_id: 's' },
      piece('I rai'),
      piece('se it.'),
      { type: 'tool_use', tool_name: 'replace', tool_id: 't', parameters: { file_path: 'train.py' } },
      { type: 'error', severity: 'warning', message: 'a loop' },
      piece('Do'),
      piece('ne.'),
      {
        type: 'result',
        status: 'error',
        error: { type: 'x', message: 'quota exceeded' },
        stats: { input_tokens: 9, output_tokens: 2, cached: 4 },
      },
    ),
  );
  expect(heard).toMatchObject({ turns: 2, said: 'Done.', doing: 'replace train.py', trouble: 'quota exceeded' });
  expect(heard).toMatchObject({ model: 'gemini-4-pro', inputTokens: 9, cachedTokens: 4, outputTokens: 2 });
});

it('OpenCode: steps are added up with their cost, thoughts are output', () => {
  const sessionID = 's';
  const step = {
    type: 'step_finish',
    sessionID,
    part: { cost: 0.5, tokens: { input: 1, output: 2, reasoning: 3, cache: { read: 4, write: 5 } } },
  };
  const error = { type: 'error', sessionID, error: { name: 'APIError', data: { message: 'no such model' } } };
  expect(hear(lines(step, step))).toMatchObject({
    turns: 2,
    inputTokens: 20,
    cachedTokens: 8,
    outputTokens: 10,
    usd: 1,
    trouble: null,
  });
  expect(hear(lines(step, error)).trouble).toBe('no such model');
});

it('Aider: amounts are rounded as it rounds them, the cost is the last sum, colours are no words', () => {
  const heard = hear(
    lines(
      '\u001B[1mMain model: gpt-6 with diff edit format\u001B[0m',
      'Tokens: 12k sent, 1.5k cache write, 3k cache hit, 870 received.',
      'Cost: $0.02 message, $0.02 session.',
      'Tokens: 1.2M sent, 1,234 received. Cost: $3.00 message, $3.02 session.',
    ),
  );
  expect(heard).toMatchObject({
    model: 'gpt-6',
    turns: 2,
    inputTokens: 1_212_000,
    cachedTokens: 3000,
    outputTokens: 2104,
    usd: 3.02,
  });
});

it('words among events are kept apart, and an event that nobody knows is neither', () => {
  const heard = hear(lines('warming up', { type: 'rate_limit_event', info: '429' }, '{ half an event', 'step 3'));
  expect(heard).toMatchObject({ words: 'warming up\n{ half an event\nstep 3', doing: 'step 3', turns: 0 });
});

it('hears nothing in nothing', () => {
  expect(hear('')).toMatchObject({ words: '', said: '', doing: '', usd: null, model: undefined });
});
