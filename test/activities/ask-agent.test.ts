// The proposer `command` on a real repo: small programs as agents, under the real supervisor.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { createPropose } from '../../activities/propose.ts';
import { readCandidate } from '../../src/git/candidate.ts';
import { git } from '../../src/git/git.ts';
import { modelsIn } from '../../src/models.ts';
import { listProcesses } from '../../src/trainer/process-table.ts';
import { until } from '../support/until.ts';
import { HIGHER, opened, readCode } from './agent-session.ts';

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

it('asked by two workers at once, it works once, and neither spoils what the other found', async () => {
  const { ask, place } = await opened(`sleep 0.3; ${HIGHER}`);
  await Promise.allSettled([ask(), ask()]); // one of them may lose the race for the ref, and is tried again
  expect(await ask()).toMatchObject({ kind: 'proposal' });
  expect(readFileSync(join(place, 'supervisor.log'), 'utf8').match(/trained/g)).toHaveLength(1);
});

it('takes over an agent that outlived its worker, and harvests one that ended unseen', async () => {
  const { ask, state, env, request, place, startedAt } = await opened(`sleep 4; ${HIGHER}`);
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
    { kind: 'dropped', reason: 'the agent did not end within 3 s, and had changed nothing' },
  ],
])('ends an agent that never ends, and %s', async (_what, command, proposed) => {
  const { ask } = await opened(command, { AUTORESEARCH_AGENT_SECONDS: '3' });
  expect(await ask()).toMatchObject(proposed);
});

it('keeps the edit of an agent that crashed after it', async () => {
  expect(await (await opened(`${HIGHER}; exit 3`)).ask()).toMatchObject({ kind: 'proposal' });
});

const MEND = `sed -i 's/^LEARNING_RATE = .*/LEARNING_RATE = 0.2/' train.py`;

it('has an agent mend its own crash: told what it printed, in a folder that has it, as an experiment that names it', async () => {
  const { ask, crash, clone, contract, promptOf } = await opened(
    `git log --format=%s; cat train.py; grep -q 'To be mended' && ${MEND} || ${HIGHER}`,
  );
  await crash(1, await ask(), `${'x'.repeat(5000)}\nAssertionError: the rate is too high`);
  const repair = await ask(2);
  expect(repair).toMatchObject({ kind: 'proposal', base: contract.base, work: { repairs: 1 } });
  if (repair.kind !== 'proposal') throw new Error(repair.kind);
  expect(await readCandidate(clone, repair.candidate)).toMatchObject({
    proposer: 'command',
    repairs: 1,
    edit: [{ search: 'LEARNING_RATE = 0.1\n', replace: 'LEARNING_RATE = 0.2\n' }],
  });
  const told = readFileSync(promptOf(2), 'utf8');
  expect(told).toContain('the files in your folder do');
  expect(told).toMatch(
    /<data experiment="1">\nan assertion failed\n\[cut\]\nx+\nAssertionError: the rate is too high\n<\/data>/,
  );
  expect(readFileSync(join(dirname(promptOf(2)), 'train.log'), 'utf8')).toContain(
    'experiment 1, which crashed\nthe best so far\nLEARNING_RATE = 0.3\n',
  );
});

it.each([
  ['changes nothing of it', 'true', /^the agent changed nothing/],
  ['only takes it back', 'git checkout -q HEAD~ -- .', /it takes back what it was to mend, and no more$/],
])('drops the repair of an agent that %s', async (_what, mend, reason) => {
  const { ask, crash } = await opened(`grep -q 'To be mended' && { ${mend}; exit; }; ${HIGHER}`);
  await crash(1, await ask(), 'AssertionError');
  const dropped = await ask(2);
  expect(dropped).toMatchObject({ kind: 'dropped', reason: expect.stringMatching(reason), work: { repairs: 1 } });
});

it('mends what it was first asked to mend, whatever crashed while it waited for its API', async () => {
  const number = String.raw`n=$(sed -n 's/^Propose experiment \([0-9]*\).*/\1/p')`;
  const { ask, crash, home, promptOf } = await opened(
    `test -e ~/.gitconfig || { echo API Error: 429 slow down; exit 1; }; ${number}; sed -i "s/^LEARNING_RATE = .*/LEARNING_RATE = 0.3$n/" train.py`,
    {},
    (theirs) => writeFileSync(join(theirs, '.gitconfig'), ''),
  );
  const [first, second] = [await ask(1), await ask(2)];
  expect(readFileSync(promptOf(2), 'utf8')).toContain('1 · train.py: LEARNING_RATE = 0.1 -> LEARNING_RATE = 0.31');
  await crash(1, first, 'AssertionError');
  rmSync(join(home, '.gitconfig'));
  expect(await ask(3)).toMatchObject({ kind: 'down' });
  await crash(2, second, 'AssertionError');
  writeFileSync(join(home, '.gitconfig'), '');
  expect(await ask(3)).toMatchObject({ kind: 'proposal', work: { repairs: 1 } });
});
