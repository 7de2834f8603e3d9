import { expect, it } from 'vitest';
import { endingOf } from '../../../src/proposer/agent/ending.ts';
import { hear } from '../../../src/proposer/agent/output/hear.ts';
import { neverStarted, type Exit } from '../../../src/trainer/trial-spec.ts';

const exit = (code: number): Exit => ({ ...neverStarted('night/1/abc'), reason: 'exited', code });
const kindOf = (code: number, text: string): string => endingOf(exit(code), hear(text)).kind;

it.each([
  ['login', 'Invalid API key · Please run /login'],
  ['login', 'API Error: 401 {"type":"error"}'],
  ['login', 'exceeded retry limit, last status: 401 Unauthorized'],
  ['login', 'Please set an Auth method in your settings.json'],
  ['login', 'Your credit balance is too low'],
  ['login', 'litellm.AuthenticationError: AnthropicException'],
  ['limit', "You've hit your usage limit. Try again at 7 pm."],
  ['limit', 'API Error: 529 {"type":"overloaded_error"}'],
  ['limit', 'stream error: 429 Too Many Requests'],
  ['limit', 'RESOURCE_EXHAUSTED'],
  ['limit', 'FetchError: connect ECONNREFUSED 127.0.0.1:443'],
  ['worked', '  File "agent.py", line 401, in propose'],
  ['worked', 'IndexError: list index out of range'],
])('a failure is %s: %s', (kind, text) => {
  expect(kindOf(1, text)).toBe(kind);
});

it('looks at nothing that an agent says when it ends well', () => {
  expect(kindOf(0, 'I added a rate limit after the 401 Unauthorized.')).toBe('worked');
});

it('knows what bash says of a program that is not there, or is none', () => {
  expect(kindOf(127, 'bash: line 2: unheard-of: command not found')).toBe('absent');
  expect(kindOf(126, 'bash: line 2: ./agent.md: Permission denied')).toBe('absent');
});

it('says the line that told it', () => {
  const words = 'Error: not logged in';
  expect(endingOf(exit(1), hear(`starting\n${words}\nbye`))).toEqual({ kind: 'login', words });
});
