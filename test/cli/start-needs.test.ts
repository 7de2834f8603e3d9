// What a session's control worker has to be able to do, checked by `start` before anything is created.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { ServiceControl } from '../../src/cli/world.ts';
import { fakeFeed, fakeServices, run } from './fakes.ts';
import { OPEN, VIEW } from './samples.ts';
import { asked, good, root, runWith, started } from './start-support.ts';

afterEach(() => vi.unstubAllEnvs());

const notExecutable = join(root, 'agent.sh');
writeFileSync(notExecutable, 'true\n');
const NO_KEY = 'Expected ANTHROPIC_API_KEY in the environment of the control worker';
const known = { ANTHROPIC_API_KEY: 'a-key', AUTORESEARCH_PRICES: '' };
const command = (line: string): string[] => ['start', good(), '--proposer', 'command', '--command', line];

test.each<[string, Readonly<Record<string, string>>, readonly string[], string]>([
  ['ask without a key', {}, ['start', good(), '--proposer', 'anthropic'], NO_KEY],
  ['review without a key', {}, ['start', good(), '--reviewer', 'a-model'], NO_KEY],
  ['heed a bound on dollars without a key', {}, ['start', good(), '--usd', '5'], NO_KEY],
  ['count without a price', known, ['start', good(), '--model', 'x', '--usd', '5'], 'Expected a model whose price'],
  ['run what is not there', {}, command('no-such-agent'), 'got no-such-agent, which is not on the PATH'],
  ['run what may not be run', {}, command(notExecutable), 'which is not there or may not be run'],
  ['read the command', {}, command('cat "'), 'to be a line that bash can read, got cat " (unexpected'],
  ['read the prices', { AUTORESEARCH_PRICES: 'abc' }, ['up'], 'Expected AUTORESEARCH_PRICES to be JSON'],
  ['wait so long', { AUTORESEARCH_AGENT_SECONDS: 'x' }, ['demo'], 'Expected AUTORESEARCH_AGENT_SECONDS to be a number'],
])('nothing is started where the control worker that would be could not %s', async (_what, env, argv, text) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { code, out, err } = await runWith(argv);
  expect(err).toContain(text);
  expect([code, out, started, asked]).toEqual([2, '', [], []]);
});

test('a command may switch on what bash reads only then', async () => {
  expect((await runWith([...command('shopt -s extglob\nls !(train.py)'), '--detach'])).code).toBe(0);
});

test('nothing is asked of one that others start: they have the key', async () => {
  vi.stubEnv('AUTORESEARCH_UP', 'off');
  expect((await runWith(['start', good(), '--proposer', 'anthropic', '--detach'])).code).toBe(0);
});

const running = (hasKey: boolean) => async (): Promise<ServiceControl> => ({
  ...fakeServices(asked),
  services: async () => ({
    embedded: true,
    processes: [{ name: 'control-worker', pid: 1, alive: true, startedAt: '', log: '', hasKey }],
  }),
});

const saidBy = async (hasKey: boolean, ...more: string[]): Promise<string> =>
  (await runWith(['start', good(), '--detach', ...more], { serviceControl: running(hasKey) })).err;

test('one that runs without a key is asked for no model, whatever the shell has, and for any agent', async () => {
  vi.stubEnv('ANTHROPIC_API_KEY', 'a-key');
  const without = { serviceControl: running(false) };
  for (const argv of [
    ['--proposer', 'anthropic'],
    ['--reviewer', 'a-model'],
    ['--usd', '5'],
  ]) {
    const { code, err } = await runWith(['start', good(), ...argv], without);
    expect(err).toContain(NO_KEY);
    expect(err).toContain('set it, then `npx autoresearch down` and start again');
    expect([code, started, asked]).toEqual([2, [], []]);
  }
  // It may find an agent that is not on the shell's PATH.
  expect((await runWith([...command('no-such-agent'), '--detach'], without)).code).toBe(0);
  const withKey = { serviceControl: running(true) };
  expect((await runWith(['start', good(), '--proposer', 'anthropic', '--detach'], withKey)).code).toBe(0);
});

test('says that search proposes where one runs without the key that the shell has', async () => {
  const said = 'The control worker was started without a key, and this shell has one: `search` proposes.';
  expect(await saidBy(false)).not.toContain(said);
  vi.stubEnv('ANTHROPIC_API_KEY', 'a-key');
  expect(await saidBy(false)).toContain(said);
  expect(await saidBy(true)).not.toContain(said);
  expect(await saidBy(false, '--proposer', 'search')).not.toContain(said);
});

test('names every wish that only a model heeds, and the proposer that heeds none', async () => {
  const { err } = await runWith(['start', good(), '--usd', '5', '--model', 'x']);
  expect(err).toContain('Or name `search` as `proposer`: it heeds no `model`, `usd`.');
  expect((await runWith(['start', good(), '--usd', '5', '--proposer', 'search', '--detach'])).code).toBe(0);
});

test('a session that goes on is checked by what it was asked when it began', async () => {
  const events = [{ ...OPEN, input: { ...OPEN.input, reviewer: 'a-model' } }];
  const found = { directory: '/clone', repo: VIEW.repo, open: OPEN, ledger: { experiments: [], events } };
  const { code, err } = await run(['start', '--continue-from', VIEW.session], {
    openFeed: async () => fakeFeed({ ledger: async () => found }),
    serviceControl: async () => fakeServices(asked),
  });
  expect(err).toContain(NO_KEY);
  expect([code, asked]).toEqual([2, []]);
});
