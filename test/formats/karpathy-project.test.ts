import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overrunOf, usualOf } from '../../src/domain/flags.ts';
import { findProjects } from '../../src/formats/find-project.ts';
import type { Project } from '../../src/formats/project.ts';
import { projectText } from '../../src/formats/project-text.ts';
import { parseTask } from '../../src/task-file.ts';
import { TRIAL } from '../cli/samples.ts';
import { projectFiles } from '../support/project-files.ts';

const FILES = projectFiles('karpathy');

function found(files: Readonly<Record<string, string>>): readonly Project[] {
  return findProjects({ modes: new Map(Object.keys(files).map((path) => [path, '100644'])), texts: files });
}

function taskOf(files: Readonly<Record<string, string>>) {
  const [project] = found(files);
  if (project === undefined) throw new Error('Expected a project.');
  const { draft, needsUv } = project.derive();
  return { ...parseTask(projectText(project.kind, draft), 'task'), needsUv };
}

test('a project of karpathy/autoresearch is known by its three files, and half of one says what is missing', () => {
  expect(found(FILES)).toMatchObject([
    { kind: 'karpathy', found: ['prepare.py', 'program.md', 'train.py'], missing: [] },
  ]);
  const { 'train.py': _, ...half } = FILES;
  expect(found(half)).toMatchObject([{ found: ['prepare.py', 'program.md'], missing: ['train.py'] }]);
  expect(found({ 'train.py': '', 'README.md': '' })).toEqual([]);
});

test('its task edits train.py alone, lowers val_bpb, and ends a training five minutes after its budget', () => {
  expect(taskOf(FILES)).toMatchObject({
    name: 'autoresearch',
    instructions: 'program.md',
    editable: ['train.py'],
    prepare: { inputs: ['prepare.py'] },
    train: { seconds: 301, startupSeconds: 0 },
    metric: { name: 'val_bpb', direction: 'minimize' },
    limits: { peak_vram_mb: '1.5x' },
    needsUv: false,
  });
  expect(taskOf(FILES)).not.toHaveProperty('score');
});

test.each([
  ['TIME_BUDGET = 300', 300],
  ['TIME_BUDGET = 5 * 60  # five minutes', 300],
  ['TIME_BUDGET = 1_200', 1200],
  ['TIME_BUDGET = 0.5', 0.5],
  ['TIME_BUDGET = int(os.environ["BUDGET"])', 300],
  ['', 300],
])('the budget that prepare.py has as `%s` is %d s', (line, seconds) => {
  expect(taskOf({ ...FILES, 'prepare.py': line }).train.seconds).toBe(seconds + 300);
});

test('a model that compiles and evaluates longer than the baseline has overrun nothing', () => {
  const budgetSeconds = taskOf({ ...FILES, 'prepare.py': 'TIME_BUDGET = 300' }).train.seconds;
  const usual = usualOf([325, 325.2, 324.9].map((seconds) => ({ ...TRIAL, seconds, budgetSeconds })));
  if (usual === null) throw new Error('Expected something to be usual.');
  expect(overrunOf(usual, { ...TRIAL, seconds: 480, budgetSeconds })).toBeNull();
});

test('with uv one environment is made for all trials, and none of them calls uv', () => {
  const task = taskOf({ ...FILES, 'pyproject.toml': '[project]\nname = "tiny-gpt"\n', 'uv.lock': '' });
  expect(task).toMatchObject({
    name: 'tiny-gpt',
    needsUv: true,
    prepare: { inputs: ['prepare.py', 'pyproject.toml', 'uv.lock'] },
  });
  expect(task.prepare?.run).toContain('uv sync');
  expect(task.train.run).not.toContain('uv');
  // Settings of a formatter are no project of uv's.
  expect(taskOf({ ...FILES, 'pyproject.toml': '[tool.ruff]\n' }).needsUv).toBe(false);
});

test('prepare takes what the person has prepared already, and changes nothing of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-prepare-'));
  try {
    const [cache, data] = [join(folder, 'cache'), join(folder, 'data')];
    mkdirSync(join(cache, 'autoresearch'), { recursive: true });
    writeFileSync(join(cache, 'autoresearch/shard'), 'theirs');
    const script = `import os; print(sorted(os.listdir(os.path.expanduser("~/.cache/autoresearch"))))
open(os.path.expanduser("~/.cache/autoresearch/new"), "w").write("made")`;
    writeFileSync(join(folder, 'prepare.py'), script);
    const env = { ...process.env, XDG_CACHE_HOME: cache, AUTORESEARCH_DATA: data };
    const { run } = taskOf({ ...FILES, 'train.py': '' }).prepare ?? { run: 'false' };
    expect(execFileSync('bash', ['-c', run], { cwd: folder, env, encoding: 'utf8' })).toBe("['shard']\n");
    expect(readdirSync(join(data, '.cache/autoresearch'))).toEqual(['new', 'shard']);
    expect(readdirSync(join(cache, 'autoresearch'))).toEqual(['shard']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('no limit on memory where training does not say what it takes', () => {
  expect(taskOf({ ...FILES, 'train.py': 'print("val_bpb: 1")' }).limits).toBeUndefined();
});

test('the seed of a trial takes the place of a literal one, wherever it stands', () => {
  const others = [
    'SEEDS = 3',
    'SEED = 4.2',
    'if SEED == 42:',
    'torch.manual_seed(SEED)',
    'reseed_every(10, 3)',
    'random.Random(x)',
  ];
  const literal = [
    'import torch, numpy as np',
    'SEED = 42  # fixed',
    'torch.manual_seed(42)',
    'torch.cuda.manual_seed_all( 42 )',
    'mx.random.seed(1337); np.random.seed(7)',
    'rng = np.random.default_rng(0)',
    'SEED: int = 42',
    '    seed: int=1_337,',
    'RANDOM_SEED = 0x2A',
    'state = np.random.RandomState(0)',
    'rng = random.Random( 1_337 ); torch.manual_seed(seed=7)',
    'key = jax.random.key(0)',
    ...others,
  ].join('\n');
  const line = taskOf({ ...FILES, 'train.py': literal })
    .train.run.split('\n')
    .find((text) => text.startsWith('sed'));
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-seed-'));
  try {
    writeFileSync(join(folder, 'train.py'), literal);
    execFileSync('bash', ['-c', line ?? 'false'], { cwd: folder, env: { ...process.env, AUTORESEARCH_SEED: '2147' } });
    expect(readFileSync(join(folder, 'train.py'), 'utf8').split('\n')).toEqual([
      'import torch, numpy as np',
      'SEED = 2147  # fixed',
      'torch.manual_seed(2147)',
      'torch.cuda.manual_seed_all( 2147 )',
      'mx.random.seed(2147); np.random.seed(2147)',
      'rng = np.random.default_rng(2147)',
      'SEED: int = 2147',
      '    seed: int=2147,',
      'RANDOM_SEED = 2147',
      'state = np.random.RandomState(2147)',
      'rng = random.Random( 2147 ); torch.manual_seed(seed=2147)',
      'key = jax.random.key(2147)',
      ...others,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  for (const none of ['print(1)', ...others])
    expect(taskOf({ ...FILES, 'train.py': `${none}\n` }).train.run).not.toContain('sed ');
});
