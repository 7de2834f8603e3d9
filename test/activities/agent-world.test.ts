// What a coding agent needs of the world, and what it must not see: known agents, logins, limits, keys, the sandbox.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { packageRoot } from '../../src/config.ts';
import { git } from '../../src/git/git.ts';
import { agentsOf } from '../../src/proposer/agent/place.ts';
import { allowCommand } from '../../src/services/allowed.ts';
import { sandboxHere } from '../../src/trainer/sandbox-probe.ts';
import { HIGHER, opened, readCode } from './agent-session.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const KEY = 'a-key-that-nobody-may-see';
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

// Without a sandbox that program is found: skipped, by name, where there is no bubblewrap; CI installs it.
it.skipIf(sandboxHere().sandbox !== 'bubblewrap')(
  'says where a program in /tmp would be seen (needs bubblewrap)',
  async () => {
    const folder = mkdtempSync('/tmp/autoresearch-agent-');
    writeFileSync(join(folder, 'agent.sh'), '#!/bin/sh\n', { mode: 0o755 });
    const { ask } = await opened(`true && ${folder}/agent.sh`);
    const error = await ask().catch((thrown: unknown) => thrown);
    rmSync(folder, { recursive: true });
    expect(error).toMatchObject({
      type: 'Blocked',
      message: expect.stringContaining('of /tmp an agent sees only what PATH and AUTORESEARCH_READABLE'),
    });
  },
);

it('runs no command line that this machine’s person has not allowed, and says how to', async () => {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('true') }, readCode, withFixtures);
  const open = (command: string) =>
    workshop
      .open({ session: 'night', input: { proposer: 'command', command }, at: AT })
      .catch((error: unknown) => error);
  const command = "sh -c 'true'";
  expect(await open(command)).toMatchObject({
    type: 'Blocked',
    message: expect.stringContaining(String.raw`allow --command 'sh -c '\''true'\'''`),
  });
  await allowCommand(workshop.state, command);
  expect(await open(command)).toMatchObject({ tag: 'night' });
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

it('refuses an edit that writes the key into a file, and keeps it in no log', async () => {
  const env = { ANTHROPIC_API_KEY: KEY, OPENAI_API_KEY: 'short' };
  const { ask, state, repo } = await opened(
    'echo "mine is $ANTHROPIC_API_KEY"; echo "# $ANTHROPIC_API_KEY" >> train.py',
    env,
  );
  const reason = 'refused edit: it writes the value of ANTHROPIC_API_KEY into a file';
  expect(await ask()).toMatchObject({ kind: 'dropped', reason });
  const left = everythingIn(state.root) + everythingIn(repo);
  expect(left).toContain('mine is ***');
  expect(left).not.toContain(KEY);
});

// Nothing less keeps an agent to its folders: skipped, by name, where there is no bubblewrap; CI installs it.
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

// Likewise: nothing less hides a folder from it.
test.skipIf(sandboxHere().sandbox !== 'bubblewrap')(
  'an agent sees the files of the repo, and nothing of the history that ledgers are pushed to (needs bubblewrap)',
  async () => {
    const { ask, env, repo, state } = await opened(
      `ls -A "$CLAUDE_REPO/.git"; git -C "$CLAUDE_REPO" for-each-ref 2>/dev/null; grep -c . "$CLAUDE_REPO/train.py"
       git log --format=%s; ${HIGHER}`,
    );
    await git(repo, ['update-ref', 'refs/autoresearch/night/ledger', 'HEAD']);
    // Its /tmp is empty, but for what is shown on purpose.
    Object.assign(env, { CLAUDE_REPO: repo, AUTORESEARCH_READABLE: repo });
    expect(await ask()).toMatchObject({ kind: 'proposal' });
    const [work] = agentsOf(state.proposals, { session: 'night', experiment: 1 });
    const log = readFileSync(work?.log ?? '', 'utf8').split('\n');
    expect(log).toEqual(['2', 'the best so far', '']);
  },
);
