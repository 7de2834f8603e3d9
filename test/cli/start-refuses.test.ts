import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import { isAllowed } from '../../src/services/allowed.ts';
import { checkMachine } from '../../src/services/bootstrap.ts';
import { fakeServices, run } from './fakes.ts';
import { VIEW } from './samples.ts';
import { TASK, asked, git, good, repoWith, root, runWith, started } from './start-support.ts';

const INIT = ['init', '--name', 'net', '--train', 'true', '--metric', 'loss', '--edit', 'train.py'];

/** What a person is told who starts this repo. */
const told = async (repo: string): Promise<string> => (await runWith(['start', repo])).err;

/** Expects exactly these mistakes and nothing else to come of a command. */
async function expectRefusal(argv: readonly string[], ...texts: string[]): Promise<void> {
  const { code, out, err } = await runWith(argv);
  expect(err).toBe(texts.map((text) => `${text}\n`).join(''));
  expect([code, out, started, asked]).toEqual([2, '', [], []]);
}

const free = (tag: string) =>
  `Expected \`--tag\` to be free, got ${tag}, which a session or a branch autoresearch/${tag} of the repo has; choose another.`;
const freeId = (id: string) => `Expected \`--id\` to be free, got ${id}, which is taken.`;
const realMachine = async () => ({ ...fakeServices(asked), checkMachine });

describe('start refuses, with exit 2 and nothing started', () => {
  test('every wrong option at once, each named as it was given', async () => {
    await expectRefusal(
      [
        'start',
        '--experiments',
        'ten',
        '--hours',
        'NaN',
        '--gpu-hours',
        '1e999',
        '--seed',
        '1.5',
        '--push',
        'some',
        '--tag',
        '',
      ],
      'Expected `--tag` to be at least 1 characters long, got "".',
      'Expected `--experiments` to be a number, got "ten".',
      'Expected `--hours` to be a number, got "NaN".',
      'Expected `--gpu-hours` to be a number, got "1e999".',
      'Expected `--seed` to be a whole number, got 1.5.',
      'Expected `--push` to be one of all, kept, none; got "some".',
    );
    await expectRefusal(['start', '--experiments', '0'], 'Expected `--experiments` to be at least 1, got 0.');
    await expectRefusal(['start', '--experiments', '0x10'], 'Expected `--experiments` to be a number, got "0x10".');
    await expectRefusal(['start', '--trial-seconds=-3'], 'Expected `--trial-seconds` to be at least 0.1, got -3.');
    await expectRefusal(['start', '--scale', '2,x'], 'Expected `--scale` to be a number, got "x".');
    await expectRefusal(['start', '--scale', '1'], 'Expected `--scale` to be at least 1.5, got 1.');
    await expectRefusal(
      ['start', '--scale', '2,4', '--audit', 'none'],
      "Expected `--scale` to be used with an audit at the end (`audit`: 'end'), with which longer trainings are compared, got [2,4].",
    );
    expect(started).toEqual([]);
  });

  test('JSON with unknown keys, wrong values, or that is none', async () => {
    const input = '{"experimets": 3, "hours": "two", "gpuHours": 1e999}';
    const { err, code } = await runWith(['start', '--input', input]);
    expect(code).toBe(2);
    expect(err).toContain('`experimets`');
    expect(err).toContain('Expected `hours` to be a number, got "two".');
    expect(err).toContain('Expected `gpuHours` to be a number, got Infinity.');
    expect((await runWith(['start', '--input', '{"hours": NaN}'])).err).toMatch(/^Expected `--input` to be JSON, got /);
    await expectRefusal(['start', '--input', '[1]'], 'Expected `--input` to be a JSON object, got [1].');
    expect((await runWith(['start', '--input', '@nothere.json'])).err).toContain(`got ${join(root, 'nothere.json')}`);
    expect(started).toEqual([]);
  });

  test('ids and tags that are no legal refs', async () => {
    for (const id of ['a b', '../x', 'a..b', 'x.lock', '-x', 'a/b', 'ä', 'x'.repeat(81)]) {
      expect(await runWith(['start', good(), `--id=${id}`])).toMatchObject({ code: 2, out: '' });
      expect(await runWith(['start', good(), `--tag=${id}`])).toMatchObject({ code: 2, out: '' });
    }
    expect(started).toEqual([]);
  });

  test('a repo that is none, is empty, or has no task file', async () => {
    const plain = join(root, 'plain');
    mkdirSync(plain);
    const empty = join(root, 'empty');
    mkdirSync(empty);
    git(empty, 'init', '--quiet');
    const bare = repoWith({ 'a.txt': 'x' });
    expect(await told(join(root, 'nothere'))).toContain('which is no folder');
    expect(await told(plain)).toContain('run git init there and commit');
    expect(await told(empty)).toContain('commit something there first');
    expect(await told(bare)).toMatch(/^Expected a task file autoresearch.yaml in the repo at .*npx autoresearch init/);
    expect((await runWith(['start', good(), '--ref', 'nothere'])).err).toMatch(/^Expected `ref` to be a branch/);
    expect([started, asked]).toEqual([[], []]);
  });

  test.each([
    ['bad YAML', 'name: [', 'Expected autoresearch.yaml to be YAML'],
    [
      'a glob that YAML takes for an alias',
      TASK.replace('[train.py]', '[*.py]'),
      'Quote a value that begins with * or &.',
    ],
    ['two documents', `${TASK}---\n${TASK}`, 'Expected autoresearch.yaml to be one YAML document, got several;'],
    ['an unknown key', `${TASK}budget: 3\n`, '`budget`'],
    ['a file that is not there', TASK.replace('train.py]', 'trian.py]'), 'trian.py, which is not there'],
    ['a file outside the repo', TASK.replace('[train.py]', '[../train.py]'), 'a path inside the repo'],
    ['a metric with a blank name', TASK.replace('name: loss', 'name: " "'), '`metric.name`'],
    [
      'a budget of 0',
      TASK.replace('train.py }', 'train.py, seconds: 0 }'),
      'Expected `train.seconds` to be at least 0.1, got 0.',
    ],
  ])('a task file with %s', async (_, task, text) => {
    const { code, err } = await runWith(['start', repoWith({ 'autoresearch.yaml': task, 'train.py': '' })]);
    expect(err).toContain(text);
    expect([code, started, asked]).toEqual([2, [], []]);
  });

  test('an id or a tag that is taken by a session or a branch, before the repo is allowed', async () => {
    const repo = good();
    git(repo, 'branch', 'autoresearch/mine');
    git(repo, 'update-ref', 'refs/autoresearch/theirs/ledger', 'HEAD');
    await expectRefusal(['start', repo, '--tag', 'mine'], free('mine'));
    await expectRefusal(['start', repo, '--tag', 'theirs'], free('theirs'));
    await expectRefusal(['start', repo, '--id', 'mine'], freeId('mine'));
    const listing = { session: 'night', status: 'done', task: 'my net', repo, startedAt: '', source: 'git' as const };
    const { code, err } = await runWith(['start', repo, '--id', 'night'], { sessions: [listing] });
    expect([code, err, started, asked]).toEqual([2, `${freeId('night')}\n`, [], []]);
    expect(isAllowed(stateDirectory(), repo)).toBe(false);
    await runWith(['start', repo, '--tag', 'other', '--detach']);
    expect([started.length, isAllowed(stateDirectory(), repo)]).toEqual([1, true]);
  });

  test('a machine without git, in words that say what to install, and nothing is written', async () => {
    const repo = good();
    const bare = repoWith({ 'train.py': '' });
    const { repos } = stateDirectory();
    const before = existsSync(repos) ? readdirSync(repos) : [];
    vi.stubEnv('PATH', root);
    for (const argv of [['start', repo], ['demo'], ['start', '--continue-from', VIEW.session], ['allow', repo], INIT]) {
      const cwd = argv === INIT ? bare : repo;
      const { code, out, err } = await run(argv, { cwd, serviceControl: realMachine });
      expect([argv[0], code, out]).toEqual([argv[0], 2, '']);
      expect(err).toContain('Expected `git` 2.38 or newer, got none on the PATH; install git');
    }
    vi.unstubAllEnvs();
    expect([started, asked, existsSync(repos) ? readdirSync(repos) : []]).toEqual([[], [], before]);
  });

  test('the bundled task on a machine whose python3 has no pip, which other tasks do without', async () => {
    const bin = join(root, 'no-pip');
    mkdirSync(bin);
    const python = `#!/bin/sh\n[ "$1 $2" != "-m pip" ] || exit 1\nPATH=\${PATH#*:} exec python3 "$@"\n`;
    writeFileSync(join(bin, 'python3'), python, { mode: 0o755 });
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
    vi.stubEnv('PIP_INDEX_URL', '');
    const { code, err } = await runWith(['demo'], { checkMachine });
    expect([code, started, asked]).toEqual([2, [], []]);
    expect(err).toContain('Expected the command `python3 -m pip`, got');
    expect((await runWith(['start', good(), '--detach'], { checkMachine })).code).toBe(0);
    expect((await run(['doctor'])).out.replaceAll(/\s+/g, ' ')).toContain(
      'missing pip python3 has none, and the bundled task gets numpy by it; install it (Debian: `apt install python3-pip`)',
    );
    vi.unstubAllEnvs();
  });

  test('a session to go on with that nothing here knows, and changes to what its numbers hang on', async () => {
    const unknown = await runWith(['start', '--continue-from', 'nosuch']);
    expect(unknown).toMatchObject({ code: 3, out: '' });
    expect(unknown.err).toContain('Expected `--continue-from` to name a session with a ledger, got "nosuch"');
    const other = await runWith(['start', '--continue-from', VIEW.session, '--trial-seconds', '99']);
    expect(other.err).toMatch(/Expected `trialSeconds` to stay .* in a session that is continued, got 99/);
    expect([other.code, started, asked]).toEqual([2, [], []]);
  });
});
