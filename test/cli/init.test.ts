import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseTask } from '../../src/task-file.ts';
import { run } from './fakes.ts';

let repo = '';
const FILE = 'autoresearch.yaml';
beforeEach(() => {
  repo = realpathSync(mkdtempSync(join(tmpdir(), 'autoresearch-init-')));
  execFileSync('git', ['init', '--quiet'], { cwd: repo });
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost'];
  execFileSync('git', [...identity, 'commit', '--quiet', '--allow-empty', '--message', 'begin'], { cwd: repo });
  writeFileSync(join(repo, 'train.py'), 'A = 1\n');
});
afterEach(() => rmSync(repo, { recursive: true, force: true }));

const init = (...argv: string[]) => run(['init', ...argv], { cwd: repo });
const GOOD = ['--train', 'python train.py', '--metric', 'val_loss', '--edit', 'train.py'];

test('writes a task file that can be read, with comments that say what else it may hold', async () => {
  const { code, out, err } = await init(
    ...GOOD,
    '--seconds',
    '60',
    '--maximize',
    '--score',
    'python "score it.py" # all',
  );
  expect([code, out]).toEqual([0, `${join(repo, FILE)}\n`]);
  expect(err).toContain('Commit it');
  const text = readFileSync(join(repo, FILE), 'utf8');
  expect(text).toContain('# prepare: { run: python3 prepare.py');
  expect(parseTask(text, FILE)).toMatchObject({
    editable: ['train.py'],
    train: { run: 'python train.py', seconds: 60 },
    score: { run: 'python "score it.py" # all' },
    metric: { name: 'val_loss', direction: 'maximize' },
  });
});

test('the comments of a file without a scorer are right too', async () => {
  await init(...GOOD, '--name', 'yes: "no"');
  const text = readFileSync(join(repo, FILE), 'utf8');
  expect(parseTask(text, FILE)).toMatchObject({
    name: 'yes: "no"',
    metric: { direction: 'minimize' },
    train: { seconds: 300 },
  });
  const uncommented = text.replaceAll(/^# (score|prepare|checks|instructions): /gm, '$1: ');
  expect(parseTask(uncommented, FILE)).toMatchObject({
    score: { run: 'python score.py' },
    checks: [{ name: 'tests' }],
  });
});

test('takes patterns that fit committed files, and names one that fits none', async () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: repo });
  git('add', '.');
  git('commit', '--quiet', '--message', 'train');
  const options = ['--train', 'x', '--metric', 'm', '--edit'];
  writeFileSync(join(repo, 'new.rs'), '');
  expect(await init(...options, '*.py', 'src/**', '*.rs')).toMatchObject({
    code: 2,
    err: [
      'Expected `--edit` to name files here, got src/**, which fits no committed file.',
      'Expected `--edit` to name files here, got *.rs, which fits no committed file.',
      '',
    ].join('\n'),
  });
  expect(await init(...options, '*.py')).toMatchObject({ code: 0 });
  expect(parseTask(readFileSync(join(repo, FILE), 'utf8'), FILE)).toMatchObject({ editable: ['*.py'] });
});

test('writes a task that is to reach something in as few seconds as possible', async () => {
  const target = ['--target', 'val_bpb <= 3.28', '--score', 'python score.py'];
  expect((await init('--train', 'python train.py', '--edit', 'train.py', ...target)).code).toBe(0);
  const text = readFileSync(join(repo, FILE), 'utf8');
  expect(text).toContain('prints `METRIC val_bpb=0.123`');
  expect(parseTask(text, FILE)).toMatchObject({
    metric: { name: 'seconds', direction: 'minimize' },
    target: 'val_bpb <= 3.28',
  });
});

test('writes a task that is measured beside the baseline, and wants to know by what command', async () => {
  expect((await init(...GOOD, '--paired', '10')).err).toContain('Expected `--paired` beside `--score`');
  expect((await init(...GOOD, '--score', 'python bench.py', '--paired', 'often')).err).toContain('to be a number');
  expect((await init(...GOOD, '--score', 'python bench.py', '--paired', '10')).code).toBe(0);
  const text = readFileSync(join(repo, FILE), 'utf8');
  expect(parseTask(text, FILE)).toMatchObject({ score: { run: 'python bench.py', paired: 10 } });
});

test('a time or a rate that is measured alone gets a hint at what measures it better, which can be uncommented', async () => {
  const hinted = async (metric: string, ...more: string[]) => {
    rmSync(join(repo, FILE), { force: true });
    const { err } = await init('--train', "make 'bench'", '--metric', metric, '--edit', 'train.py', ...more);
    const text = readFileSync(join(repo, FILE), 'utf8');
    expect(text.includes('paired')).toBe(err.includes('see `paired` in'));
    return text.includes('paired') ? parseTask(text.replace(/^# score: /m, 'score: '), FILE).score : undefined;
  };
  expect(await hinted('latency_ms', '--minimize')).toMatchObject({ run: "make 'bench'", paired: 10 });
  for (const metric of ['total_µs', 'tokens_per_second', 'Throughput', 'p99_latency', 'training_seconds', 'fps'])
    expect(await hinted(metric)).toMatchObject({ paired: 10 });
  for (const metric of ['val_loss', 'params_mb', 'timeliness', 'accuracy'])
    expect(await hinted(metric)).toBeUndefined();
  rmSync(join(repo, FILE));
  // How soon a target is reached is no ratio.
  expect((await init('--train', 'make', '--target', 'loss <= 3', '--edit', 'train.py')).err).not.toContain('paired');
  rmSync(join(repo, FILE));
  const scored = ['--train', 'make', '--metric', 'total_ms', '--edit', 'train.py', '--score', './bench'];
  await init(...scored);
  const text = readFileSync(join(repo, FILE), 'utf8');
  expect(parseTask(text, FILE).score).not.toHaveProperty('paired');
  expect(text).toContain('# score: { run: "./bench", paired: 10 }');
  rmSync(join(repo, FILE));
  expect((await init(...scored, '--paired', '5')).err).not.toContain('paired');
});

test('init --json is the path of the file', async () => {
  expect(JSON.parse((await init(...GOOD, '--json')).out)).toEqual({ path: join(repo, FILE) });
});

test('names everything that is missing or wrong at once, and writes nothing', async () => {
  expect(await init('--edit', 'trian.py', '--seconds', 'ten', '--minimize', '--maximize')).toEqual({
    code: 2,
    out: '',
    err: [
      'Expected `--train` to be the command of one training, got nothing.',
      'Expected `--metric` to be the name of a number that training prints, got nothing.',
      'Expected `--edit` to name files here, got trian.py.',
      'Expected one of `--minimize` and `--maximize`, got both.',
      'Expected `--seconds` to be a number, got "ten".',
      '',
    ].join('\n'),
  });
  expect((await init('--train', 'x', '--metric', ' ', '--edit', 'train.py')).err).toContain('`metric.name`');
  expect((await init(...GOOD, '--seconds', '0')).err).toContain('Expected `train.seconds` to be at least 0.1, got 0.');
  expect((await init('--train', 'x', '--metric', 'm', '--edit', '../train.py')).code).toBe(2);
  expect((await init(...GOOD, '--target', 'val_bpb')).err).toContain(
    'Expected `target` to be a metric and what it has',
  );
  expect(existsSync(join(repo, FILE))).toBe(false);
});

test('refuses to overwrite a task file, and a folder that is no repo', async () => {
  writeFileSync(join(repo, FILE), 'mine');
  expect(await init(...GOOD)).toMatchObject({ code: 2, out: '' });
  expect(readFileSync(join(repo, FILE), 'utf8')).toBe('mine');
  rmSync(join(repo, FILE));
  rmSync(join(repo, '.git'), { recursive: true });
  expect((await init(...GOOD)).err).toContain('run git init there');
  expect(existsSync(join(repo, FILE))).toBe(false);
});
