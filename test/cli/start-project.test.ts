import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { checkMachine } from '../../src/services/bootstrap.ts';
import { parseTask } from '../../src/task-file.ts';
import { projectFiles } from '../support/project-files.ts';
import { fakeServices, run } from './fakes.ts';
import { TASK, asked, git, repoWith, root, runWith, started } from './start-support.ts';

const KARPATHY = projectFiles('karpathy');
const PI = projectFiles('pi');
const FILE = 'autoresearch.yaml';

const realMachine = async () => ({ ...fakeServices(asked), checkMachine });

/** Expects that a command refuses, and that nothing was started or written. */
async function expectRefusal(cwd: string, argv: readonly string[], text: string): Promise<void> {
  const before = git(cwd, 'status', '--porcelain');
  const { code, out, err } = await runWith(argv, { cwd });
  expect(err).toContain(text);
  expect([code, out, started, asked, git(cwd, 'status', '--porcelain')]).toEqual([2, '', [], [], before]);
}

describe('start in a project of another program', () => {
  test('shows which it found and the task that follows, and writes nothing', async () => {
    const cwd = repoWith(KARPATHY);
    const { code, out, err } = await runWith(['start', '--detach'], { cwd });
    expect([code, out]).toEqual([0, 'autoresearch-nov23\n']);
    expect(started).toEqual([['autoresearch-nov23', { repo: cwd }]]);
    expect(err).toContain('Found a project of karpathy/autoresearch (prepare.py, program.md, train.py).');
    expect(err).toContain('\n  editable:\n');
    expect(git(cwd, 'status', '--porcelain', '--ignored')).toBe('');
    expect(err).not.toContain('autoresearch import');
    writeFileSync(join(cwd, 'results.tsv'), '');
    expect((await runWith(['start', '--detach'], { cwd })).err).toContain('by `npx autoresearch import results.tsv`.');
  });

  test('finds it in the folder above, and below the top of the repo', async () => {
    const files = Object.entries(KARPATHY).map(([path, text]) => [`nets/small/${path}`, text]);
    const repo = repoWith({ ...Object.fromEntries(files), 'nets/small/src/net.py': '' });
    await runWith(['start', '--detach'], { cwd: join(repo, 'nets/small/src') });
    await runWith(['start', join(repo, 'nets/small'), '--detach'], { cwd: root });
    expect(started.map(([, input]) => input)).toEqual([
      { repo: join(repo, 'nets/small') },
      { repo: join(repo, 'nets/small') },
    ]);
  });

  test('a task file goes before it, also one that is not committed yet', async () => {
    const cwd = repoWith({ ...KARPATHY, [FILE]: TASK });
    expect((await runWith(['start', '--detach'], { cwd })).out).toBe('my-net-nov23\n');
    started.length = 0;
    asked.length = 0;
    const untracked = repoWith(KARPATHY);
    writeFileSync(join(untracked, FILE), TASK);
    await expectRefusal(untracked, ['start'], `commit it first: git add ${FILE}`);
  });

  test('a task file that is none by itself says what is otherwise in the task that follows', async () => {
    const cwd = repoWith({ ...KARPATHY, [FILE]: 'metric: { name: val_loss }\ntrain: { seconds: 60 }\n' });
    const { out, err } = await runWith(['start', '--detach'], { cwd });
    expect([out, started]).toEqual(['autoresearch-nov23\n', [['autoresearch-nov23', { repo: cwd }]]]);
    expect(err).toContain('Its task, with what the task file says otherwise:\n');
    const shown = err.split('\n').filter((line) => line.startsWith('  '));
    for (const line of [
      '    name: val_loss',
      '    direction: minimize',
      '    seconds: 60',
      '  instructions: program.md',
    ])
      expect(shown).toContain(line);
  });

  test('a mistake in such a file is named, and one that stands over no project or over two is refused', async () => {
    const over = (files: Readonly<Record<string, string>>, text: string) => repoWith({ ...files, [FILE]: text });
    const typo = 'train: { secnds: 60 }\n';
    await expectRefusal(over(KARPATHY, typo), ['start'], `Unknown option \`train.secnds\` in ${FILE}.`);
    await expectRefusal(over(KARPATHY, 'train: { seconds: -1 }\n'), ['start'], 'Expected `train.seconds` to be at');
    await expectRefusal(over({ 'train.py': '' }, typo), ['start'], 'Expected `editable` to be a list, got nothing.');
    await expectRefusal(over({ ...KARPATHY, ...PI }, typo), ['start'], 'Expected one kind of project, got 2: ');
    expect(started).toEqual([]);
  });

  test('half a project is named with what it lacks', async () => {
    const { 'train.py': train = '', ...half } = KARPATHY;
    const cwd = repoWith(half);
    const text = 'It looks like a project of karpathy/autoresearch (prepare.py, program.md), but without train.py';
    await expectRefusal(cwd, ['start'], `${text}.`);
    await expectRefusal(cwd, ['init'], `${text}.`);
    writeFileSync(join(cwd, 'train.py'), train);
    await expectRefusal(cwd, ['start'], `${text}, which is not committed.`);
    expect(existsSync(join(cwd, FILE))).toBe(false);
  });

  test('two kinds at once are told apart by the person alone', async () => {
    const cwd = repoWith({ ...KARPATHY, ...PI });
    const text =
      'Expected one kind of project, got 2: karpathy/autoresearch (prepare.py, program.md, train.py); pi-autoresearch (.auto/measure.sh, .auto/prompt.md, .auto/checks.sh, .auto/config.json).';
    await expectRefusal(cwd, ['start'], text);
    await expectRefusal(cwd, ['init'], text);
    expect((await runWith(['init', '--kind', 'karpathy'], { cwd })).code).toBe(0);
    expect(parseTask(readFileSync(join(cwd, FILE), 'utf8'), FILE)).toMatchObject({ editable: ['train.py'] });
  });

  test('pi-autoresearch says how many experiments, and a person otherwise', async () => {
    const cwd = repoWith(PI);
    git(cwd, 'update-index', '--chmod=+x', '.auto/measure.sh');
    git(cwd, 'commit', '--quiet', '--message', 'run bit');
    const { err } = await runWith(['start', '--detach'], { cwd });
    expect(err).toContain('Its settings ask for 2 experiments;');
    const other = await runWith(['start', '--detach', '--experiments', '9'], { cwd });
    expect(other.err).not.toContain('Its settings');
    // `open` asks the settings itself: a session may be started from anywhere.
    expect(started.map(([, input]) => input)).toEqual([{ repo: cwd }, { repo: cwd, experiments: 9 }]);
  });

  test('mistakes in the files of pi-autoresearch are named, a project that is not committed too', async () => {
    const prompt = (PI['.auto/prompt.md'] ?? '').replace(/## Files in Scope[^#]*/, '').replace('lower is better', '');
    const cwd = repoWith({ ...PI, '.auto/prompt.md': prompt });
    await expectRefusal(cwd, ['start'], 'Expected .auto/measure.sh to be a script that can be run');
    await expectRefusal(cwd, ['start'], 'Expected .auto/prompt.md to list files under `## Files in Scope`, got none');
    await expectRefusal(
      cwd,
      ['init'],
      'Expected .auto/prompt.md to say whether a lower or a higher total_ms is better',
    );
    const loose = repoWith({ '.gitignore': '.auto\n', 'src/settings.py': '' });
    mkdirSync(join(loose, '.auto'));
    writeFileSync(join(loose, '.auto/measure.sh'), '');
    await expectRefusal(
      loose,
      ['start'],
      'There is .auto/measure.sh, which is not committed; commit it and what belongs',
    );
    expect(existsSync(join(cwd, FILE))).toBe(false);
  });

  test('without uv it says how to install it before anything is started', async () => {
    const cwd = repoWith({ ...KARPATHY, 'pyproject.toml': '[project]\nname = "net"\n' });
    const bin = join(root, 'bin-without-uv');
    mkdirSync(bin);
    symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), join(bin, 'git'));
    for (const tool of ['python3', 'flock'])
      writeFileSync(join(bin, tool), '#!/bin/sh\necho version 3.11\n', { mode: 0o755 });
    vi.stubEnv('PATH', bin);
    const { code, out, err } = await run(['start'], { cwd, serviceControl: realMachine });
    vi.unstubAllEnvs();
    expect([code, out, asked]).toEqual([2, '', []]);
    expect(err).toBe(
      'Expected the command `uv`, got none on the PATH; install it: `curl -LsSf https://astral.sh/uv/install.sh | sh`.\n',
    );
  });
});

describe('init in a project of another program', () => {
  test('writes out the task that start would use', async () => {
    const cwd = repoWith(KARPATHY);
    const shown = (await runWith(['start', '--detach'], { cwd })).err;
    const { code, out, err } = await runWith(['init'], { cwd });
    expect([code, out]).toEqual([0, `${join(cwd, FILE)}\n`]);
    expect(err).toContain('It follows from a project of karpathy/autoresearch');
    const text = readFileSync(join(cwd, FILE), 'utf8');
    expect(shown).toContain(text.replaceAll(/^(?=.)/gm, '  ').trimEnd());
    expect(git(cwd, 'status', '--porcelain')).toBe(`?? ${FILE}`);
  });

  test('says what of pi-autoresearch a task that is written out has not', async () => {
    const cwd = repoWith(PI);
    git(cwd, 'update-index', '--chmod=+x', '.auto/measure.sh');
    git(cwd, 'commit', '--quiet', '--message', 'run bit');
    const { err } = await runWith(['init'], { cwd });
    expect(err).toContain(
      'commits get no `Result:` line, and `maxIterations` is not read (say `start --experiments 2`).',
    );
    expect((await runWith(['init'], { cwd: repoWith(KARPATHY) })).err).not.toContain('Result:');
  });

  test('options say what a fork does otherwise', async () => {
    const cwd = repoWith(KARPATHY);
    await runWith(['init', '--metric', 'val_acc', '--maximize', '--seconds', '360', '--name', 'mine'], { cwd });
    expect(parseTask(readFileSync(join(cwd, FILE), 'utf8'), FILE)).toMatchObject({
      name: 'mine',
      metric: { name: 'val_acc', direction: 'maximize' },
      train: { seconds: 360, startupSeconds: 0 },
    });
  });

  test('options that say all of a task look for no project; a kind that is not there is refused', async () => {
    const cwd = repoWith(KARPATHY);
    await expectRefusal(cwd, ['init', '--kind', 'pie'], 'Expected `--kind` to be one of ');
    await expectRefusal(cwd, ['init', '--maximize', '--minimize'], 'Expected one of `--minimize` and `--maximize`');
    expect(existsSync(join(cwd, FILE))).toBe(false);
    await runWith(['init', '--train', 'true', '--metric', 'loss', '--edit', 'train.py'], { cwd });
    expect(readFileSync(join(cwd, FILE), 'utf8')).not.toContain('Derived');
  });
});
