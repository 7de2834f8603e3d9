// The proposer `command` on a real repo: small programs as agents, under the real supervisor.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it, test } from 'vitest';
import { createPropose } from '../../activities/propose.ts';
import { packageRoot } from '../../src/config.ts';
import { git } from '../../src/git/git.ts';
import { modelsIn } from '../../src/models.ts';
import { agentsOf } from '../../src/proposer/agent/place.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { listProcesses } from '../../src/trainer/process-table.ts';
import { sandboxHere } from '../../src/trainer/sandbox-probe.ts';
import { newFolder } from '../git/sandbox.ts';
import { until } from '../support/until.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const HIGHER = `sed -i 's/^LEARNING_RATE = .*/LEARNING_RATE = 0.3/' train.py`;
const KEY = 'a-key-that-nobody-may-see';
const readCode = createReadCode(() => {});

/** A session whose agent is a shell's line, and what its person has. */
async function opened(command: string, more: NodeJS.ProcessEnv = {}, furnish: (home: string) => void = () => {}) {
  const home = await newFolder();
  furnish(home);
  const env = { PATH: process.env['PATH'], HOME: home, ...more };
  const task = { 'autoresearch.yaml': `${taskFile('echo METRIC loss=1')}instructions: make it learn faster\n` };
  const workshop = await createWorkshop(task, readCode, env);
  const contract = await workshop.open({ session: 'night', input: { proposer: 'command', command }, at: AT });
  const input = { contract, experiment: 1, base: contract.base, proposer: 'command', rebase: false, at: AT } as const;
  const request = { ...input, command, hints: ['be bold'], choice: {} };
  const place = join(workshop.state.proposals, 'night', '1', contract.base.slice(0, 12));
  const startedAt = (): unknown =>
    (JSON.parse(readFileSync(join(place, 'exit.json'), 'utf8')) as { startedAt: string }).startedAt;
  return { ...workshop, env, home, contract, request, ask: () => workshop.propose(request), place, startedAt };
}

it('makes a candidate of what an agent edited, with the reason that it wrote down', async () => {
  const { ask, clone, place } = await opened(
    `${HIGHER}; mkdir .autoresearch; echo 'a rate' > .autoresearch/hypothesis.md`,
  );
  const proposed = await ask();
  expect(proposed).toMatchObject({ kind: 'proposal', hypothesis: 'a rate', work: { model: 'sed', usd: null } });
  if (proposed.kind !== 'proposal') throw new Error(proposed.kind);
  expect(await git(clone, ['show', `${proposed.candidate}:train.py`])).toBe('LEARNING_RATE = 0.3\nMOMENTUM = 0.5');
  expect(await git(clone, ['log', '-1', '--format=%B', proposed.candidate])).toContain(
    String.raw`"search":"LEARNING_RATE = 0.1\n","replace":"LEARNING_RATE = 0.3\n"`,
  );
  const told = readFileSync(join(place, 'prompt.md'), 'utf8');
  for (const part of ['make it learn faster', 'LEARNING_RATE = 0.1', 'be bold', 'Propose experiment 1'])
    expect(told).toContain(part);
  expect(existsSync(join(place, 'tree'))).toBe(false);
});

it('says what changed where the agent does not say why', async () => {
  const { ask } = await opened(HIGHER);
  expect(await ask()).toMatchObject({ hypothesis: 'train.py: LEARNING_RATE = 0.1 -> LEARNING_RATE = 0.3' });
});

it('pays for no work twice: run again it answers the same, also when its candidate was lost', async () => {
  const { ask, clone, startedAt } = await opened(HIGHER);
  const first = await ask();
  const began = startedAt();
  expect(await ask()).toEqual(first);
  await git(clone, ['update-ref', '-d', 'refs/autoresearch/night/1']);
  expect(await ask()).toEqual(first);
  expect(startedAt()).toBe(began);
});

it('takes over an agent that outlived its worker, and harvests one that ended unseen', async () => {
  const { ask, state, env, request, place, startedAt } = await opened(`sleep 1; ${HIGHER}`);
  const worker = new MockActivityEnvironment();
  const deps = { repos: state.repos, publish: async () => {}, readCode, models: modelsIn(state, env) };
  const lost = worker.run(createPropose(deps), request).catch((error: unknown) => error);
  const pid = await until(
    () =>
      existsSync(join(place, 'pid.json')) &&
      /"child": \{\s*"pid": (\d+)/.exec(readFileSync(join(place, 'pid.json'), 'utf8'))?.[1],
  );
  worker.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
  expect(await lost).toMatchObject({ type: 'WorkerShutdown' });
  expect(listProcesses().some((one) => one.pid === Number(pid))).toBe(true);
  await until(() => existsSync(join(place, 'exit.json')));
  const began = startedAt();
  expect(await ask()).toMatchObject({ kind: 'proposal' });
  expect(startedAt()).toBe(began);
});

it('ends an agent and all that it started when its proposal is no longer wanted', async () => {
  const { state, env, request, place } = await opened(`setsid sleep 600 & sleep 600`);
  const worker = new MockActivityEnvironment();
  const deps = { repos: state.repos, publish: async () => {}, readCode, models: modelsIn(state, env) };
  const ended = worker.run(createPropose(deps), request).catch((error: unknown) => error);
  const marker = `AUTORESEARCH_OUT=${join(place, 'out')}`;
  const own = () => listProcesses().filter((one) => one.carries([marker]));
  await until(() => own().length >= 2);
  worker.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true }));
  expect(await ended).toMatchObject({ name: 'CancelledFailure' });
  expect(own()).toEqual([]);
  expect(existsSync(join(place, 'tree'))).toBe(false);
});

it.each([
  ['a protected file', `${HIGHER}; echo x >> autoresearch.yaml`, /not editable: autoresearch\.yaml$/],
  ['a new file', `${HIGHER}; mkdir lib; touch lib/new.py`, /not editable: lib\/new\.py$/],
  ['a file that goes', 'rm train.py', /has to stay a file: train\.py$/],
  ['a link in place of a file', 'ln -sf /etc/passwd train.py', /has to stay a file: train\.py$/],
  ['bytes that are no text', String.raw`printf '\377\376' > train.py`, /train\.py is no text$/],
  ['a flood', 'yes | head -c 5000000 > train.py', /train\.py is too large$/],
  ['what the gate refuses', `sed -i '1i import socket' train.py`, /^refused edit/],
])('refuses %s', async (_what, command, reason) => {
  const { ask } = await opened(command);
  expect(await ask()).toMatchObject({ kind: 'dropped', reason: expect.stringMatching(reason) });
});

it('sees only what the agent left in its tree, whatever it did to its own repo', async () => {
  const { ask } = await opened(
    `${HIGHER}; git commit -qam done; git config core.fsmonitor 'touch /tmp/x'; rm -rf .git; git init -q; mkdir __pycache__; touch __pycache__/a.pyc`,
  );
  expect(await ask()).toMatchObject({ kind: 'proposal' });
});

it.each([
  ['changes nothing', 'echo I would rather not', 'the agent changed nothing: I would rather not'],
  [
    'crashes',
    'echo Segmentation fault; exit 3',
    'the agent exited with code 3 and had changed nothing: Segmentation fault',
  ],
  [
    'asks on the terminal',
    '[ -t 0 ] || read -r answer < /dev/tty; echo "got: $answer"',
    /the agent changed nothing: got:$/,
  ],
])('drops the proposal of an agent that %s, and says so', async (_what, command, reason) => {
  const { ask } = await opened(command);
  expect(await ask()).toMatchObject({ kind: 'dropped', reason: expect.stringMatching(reason), work: {} });
});

it.each([
  ['keeps what it edited', `${HIGHER}; sleep 600`, { kind: 'proposal' }],
  [
    'else says so',
    'sleep 600',
    { kind: 'dropped', reason: 'the agent did not end within 1 s, and had changed nothing' },
  ],
])('ends an agent that never ends, and %s', async (_what, command, proposed) => {
  const { ask } = await opened(command, { AUTORESEARCH_AGENT_SECONDS: '1' });
  expect(await ask()).toMatchObject(proposed);
});

it('keeps the edit of an agent that crashed after it', async () => {
  expect(await (await opened(`${HIGHER}; exit 3`)).ask()).toMatchObject({ kind: 'proposal' });
});

const fixtures = join(packageRoot(), 'test/fixtures/agents');
const withFixtures = { PATH: `${fixtures}:${process.env['PATH']}` };

it.each([
  ['claude', { model: 'claude-opus-5-5', turns: 2, usd: 0.0125 }],
  ['codex', { model: 'codex', turns: 1, usd: null }],
  ['gemini', { model: 'gemini-4-pro', turns: 1, usd: null }],
  ['opencode', { model: 'opencode', turns: 2, usd: 0.0125 }],
  ['aider', { model: 'claude-opus-5-5', turns: 1, usd: 0.0125 }],
])('knows how %s is called and what it says', async (name, work) => {
  const { ask } = await opened(name, withFixtures);
  expect(await ask()).toMatchObject({
    kind: 'proposal',
    hypothesis: 'a higher rate',
    work: { inputTokens: 1000, cachedTokens: 880, outputTokens: 50, ...work },
  });
});

it('blocks for a person where the agent has no login, and starts it anew afterwards', async () => {
  const { ask, home } = await opened(
    'test -e ~/.claude/login && sed -i s/0.1/0.3/ train.py || { echo Error: not logged in; exit 1; }',
  );
  const error = await ask().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    type: 'Blocked',
    message: expect.stringMatching(/says: Error: not logged in\. Log in/),
  });
  mkdirSync(join(home, '.claude'));
  writeFileSync(join(home, '.claude/login'), '');
  expect(await ask()).toMatchObject({ kind: 'proposal' });
});

it('waits for a limit to pass, and counts what was spent on the way', async () => {
  const tokens = 'echo "Tokens: 1k sent, 10 received. Cost: \\$0.25 message, \\$0.25 session."';
  const { ask, home } = await opened(
    `${tokens}; test -e ~/.gitconfig && sed -i s/0.1/0.3/ train.py || { echo API Error: 429 slow down; exit 1; }`,
  );
  expect(await ask()).toEqual({ kind: 'down', reason: 'The agent says: API Error: 429 slow down.' });
  writeFileSync(join(home, '.gitconfig'), '');
  expect(await ask()).toMatchObject({ kind: 'proposal', work: { turns: 2, inputTokens: 2000, usd: 0.5 } });
});

it('refuses at the start a program that is not there and budgets that nobody can count; later it blocks', async () => {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('true') }, readCode, withFixtures);
  const open = (input: object) => workshop.open({ session: 'night', input, at: AT }).catch((error: unknown) => error);
  expect(await open({ proposer: 'command', command: 'unheard-of --x', usd: 3, tokens: 5 })).toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(/got unheard-of, which is not on the PATH[^]*`usd` is set[^]*`tokens` is set/),
  });
  await expect(git(workshop.repo, ['rev-parse', 'refs/heads/autoresearch/night'])).rejects.toThrow('unknown revision');
  const { ask } = await opened('true && unheard-of');
  expect(await ask().catch((thrown: unknown) => thrown)).toMatchObject({
    type: 'Blocked',
    message: expect.stringMatching(/unheard-of: command not found\. Install it, then resume\.$/),
  });
});

const everythingIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

it('gives the agent its key, which stands in no file and no message', async () => {
  const { ask, state, repo } = await opened(
    `[ "$ANTHROPIC_API_KEY" = ${KEY.slice(0, 5)}"${KEY.slice(5)}" ] && [ -z "$OTHER" ] && ${HIGHER}`,
    { ANTHROPIC_API_KEY: KEY, OTHER: 'x' },
  );
  expect(await ask()).toMatchObject({ kind: 'proposal' });
  expect(everythingIn(state.root) + everythingIn(repo)).not.toContain(KEY);
  const told = await opened('echo "no $ANTHROPIC_API_KEY"', { ANTHROPIC_API_KEY: KEY });
  expect(await told.ask()).toMatchObject({ kind: 'dropped', reason: 'the agent changed nothing: no ***' });
});

test.skipIf(sandboxHere().sandbox !== 'bubblewrap')(
  'an agent writes in its tree, its HOME and /tmp alone, and sees nothing of ours (needs bubblewrap)',
  async () => {
    const { ask, home, state } = await opened(
      `state=\${AUTORESEARCH_PROMPT%/proposals/*}; me=$(dirname "$(readlink ~/.claude)")
       touch "$me/theirs"; for place in "$state" "$state/proposals" "$(dirname "$AUTORESEARCH_PROMPT")" /usr /etc / /var/tmp; do
         touch "$place/theirs" 2>/dev/null && echo "wrote to $place"
       done
       echo x >> "$me/.claude/settings.json" && echo wrote settings
       ls "$state" | grep -vx proposals; cat "$me/.ssh/key" 2>/dev/null; ls "$state"/repos 2>/dev/null
       touch ~/mine /tmp/mine "$TMPDIR/mine" ~/.claude/mine && ${HIGHER}; echo over`,
      {},
      (person) => {
        for (const folder of ['.claude', '.ssh']) mkdirSync(join(person, folder));
        writeFileSync(join(person, '.ssh/key'), 'SECRET');
        writeFileSync(join(person, '.claude/settings.json'), '{}');
      },
    );
    expect(await ask()).toMatchObject({ kind: 'proposal' });
    const [work] = agentsOf(state.proposals, { session: 'night', experiment: 1 });
    expect(
      readFileSync(work?.log ?? '', 'utf8').replaceAll(/.*: (Read-only file system|Permission denied)\n/g, ''),
    ).toBe('over\n');
    expect(readdirSync(home).toSorted()).toEqual(['.claude', '.ssh']);
    expect(readdirSync(join(home, '.claude')).toSorted()).toEqual(['mine', 'settings.json']);
    expect(readFileSync(join(home, '.claude/settings.json'), 'utf8')).toBe('{}');
  },
);
