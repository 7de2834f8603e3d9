// The larger bundled task as a machine without a GPU runs it: prepared once for all tests here, trained for seconds, and
// candidates that look ahead, remember or break. All but one need PyTorch, which is the person's own.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTask } from '../../src/task-file.ts';
import { packageRoot, readIndex } from '../support/byte-lm.ts';

const tasks = join(packageRoot, 'tasks');
const gpt = join(tasks, 'gpt');
const torch = spawnSync('python3', ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;

let scratch = '';
let folders = 0;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gpt-test-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function newFolder() {
  const folder = join(scratch, `folder-${++folders}`);
  await mkdir(folder);
  return folder;
}

const run = (program: string, env: Readonly<Record<string, string>>, cwd = gpt) =>
  execa('python3', [program], {
    cwd,
    env: { CUDA_VISIBLE_DEVICES: '', PYTHONDONTWRITEBYTECODE: '1', ...env },
    reject: false,
  });

async function prepare(python = '') {
  const data = join(scratch, 'data');
  await mkdir(data, { recursive: true });
  const PATH = `${python}:${process.env['PATH'] ?? ''}`;
  return run('prepare.py', { PATH, AUTORESEARCH_DATA: data, AUTORESEARCH_PACKAGE: packageRoot });
}

test('says how to install PyTorch where it is missing, before it prepares anything', async () => {
  const bare = await newFolder();
  await execa('python3', ['-m', 'venv', '--without-pip', bare]);
  expect(await prepare(join(bare, 'bin'))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /^Expected .*python3 to import torch, got: ModuleNotFoundError.*-m pip install torch$/,
    ),
  });
  expect(await readdir(join(scratch, 'data'))).toEqual([]);
});

const imported = async (path: string) =>
  [...(await readFile(path, 'utf8')).matchAll(/^(?:from|import) (\w+)/gm)].map(([, name]) => `${name}.py`);

test('has a task file whose preparation reads nothing that its inputs do not name', async () => {
  const task = parseTask(await readFile(join(gpt, 'autoresearch.yaml'), 'utf8'), 'autoresearch.yaml');
  const named = new Set(task.prepare?.inputs.map((path) => path.replace(/^.*\//, '')));
  const ours = new Set(await readdir(join(tasks, 'byte-lm')));
  const read = [join(gpt, 'prepare.py'), join(tasks, 'byte-lm/corpus.py')];
  const imports = (await Promise.all(read.map(imported))).flat().filter((name) => ours.has(name));
  expect([...named]).toEqual(expect.arrayContaining(['prepare.py', 'corpus.txt', ...imports]));
});

const told = (out: string, more: Readonly<Record<string, string>> = {}) => ({
  AUTORESEARCH_DATA: join(scratch, 'data'),
  AUTORESEARCH_OUT: out,
  ...more,
});

const bitsPerByte = (stdout: string) => Number(/^METRIC val_bpb=(\S+)$/m.exec(stdout)?.[1]);

const answer = (body: string) => `honest = predict\ndef predict(model, rows):\n    ${body.replaceAll('\n', '\n    ')}`;

async function train(seconds: number, seed = 1) {
  const out = await newFolder();
  const more = { AUTORESEARCH_SECONDS: String(seconds), AUTORESEARCH_SEED: String(seed) };
  const done = await run('train.py', told(out, more));
  if (done.exitCode !== 0) throw new Error(done.stderr);
  return { out, log: done.stdout };
}

const weights = (out: string) => readFile(join(out, 'model.pt'));

// Skipped, by name, where there is no PyTorch: hundreds of megabytes that nothing else here needs, so CI has none either.
describe.skipIf(!torch)('gpt (needs PyTorch)', () => {
  let initial = ''; // the output of a training of 0 seconds
  beforeAll(async () => {
    const prepared = await prepare();
    if (prepared.exitCode !== 0) throw new Error(prepared.stderr);
    initial = (await train(0)).out;
  }, 600_000);

  /** Scores the initial weights with a train.py that ends in `code`. */
  async function scoreWith(code: string) {
    const copy = await newFolder();
    await cp(tasks, copy, { recursive: true });
    await writeFile(join(copy, 'gpt/train.py'), `${await readFile(join(gpt, 'train.py'), 'utf8')}\n\n${code}\n`);
    return run('score.py', told(initial), join(copy, 'gpt'));
  }

  test('asks about rows of 1,024 bytes that share none, in val and in sealed', async () => {
    for (const split of ['val', 'sealed'] as const) {
      const { documents } = await readIndex(scratch, split);
      const text = await readFile(join(scratch, 'data/holdout', split, 'index.json'), 'utf8');
      const { rows } = JSON.parse(text) as { rows: number[] };
      expect(rows).toHaveLength(1024);
      const sorted = rows.toSorted((a, b) => a - b);
      for (const [position, start] of sorted.entries())
        expect(start - (sorted[position - 1] ?? -1025)).toBeGreaterThanOrEqual(1025);
      const last = documents.at(-1) ?? { start: 0, bytes: 0 };
      expect((sorted.at(-1) ?? 0) + 1025).toBeLessThanOrEqual(last.start + last.bytes);
    }
  });

  test('learns in seconds, shows its progress and is scored, the same each time', async () => {
    const { out, log } = await train(5);
    expect(log).toMatch(/\rstep \d{5} \(\d+\.\d%\) \| loss: \d\.\d{4} \| \d+k bytes\/s \| remaining: \ds/);
    for (const key of ['num_steps', 'training_loss', 'tokens_per_second', 'parameters'])
      expect(log).toMatch(new RegExp(`\\n${key}: [1-9][\\d.]*$`, 'm'));
    const [scored, again] = [await run('score.py', told(out)), await run('score.py', told(out))];
    expect(scored).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringContaining('METRIC predictions=65536'),
    });
    expect(bitsPerByte(scored.stdout)).toBeLessThan(7);
    expect(again.stdout).toBe(scored.stdout);
  }, 300_000);

  test('writes initial weights that know nothing and differ between seeds when there is no time', async () => {
    expect((await weights(initial)).equals(await weights((await train(0)).out))).toBe(true);
    expect((await weights(initial)).equals(await weights((await train(0, 2)).out))).toBe(false);
    const sealed = await run('score.py', told(initial, { AUTORESEARCH_SPLIT: 'sealed' }));
    expect(bitsPerByte(sealed.stdout)).toBeCloseTo(8, 3);
    const sums = JSON.parse(/^DOCUMENTS (.*)$/m.exec(sealed.stdout)?.[1] ?? '[]') as [number, number][];
    expect(sums.reduce((sum, [places]) => sum + places, 0)).toBe(65_536);
  }, 300_000);

  test.each([
    [
      'looks one byte ahead',
      answer('ahead = F.one_hot(rows.long().roll(-1, 1), 256)\nreturn honest(model, rows) + 9.0 * ahead'),
      /pure function/,
    ],
    [
      'looks far ahead, at few places',
      answer(
        'bend = rows[:, -1, None, None] / 64 * torch.eye(256)[32]\nbend = bend * (torch.arange(1024) % 50 == 0)[:, None]\nreturn honest(model, rows) + bend',
      ),
      /pure function/,
    ],
    [
      'looks at other rows',
      answer(
        'counts = torch.bincount(rows.long().flatten(), minlength=256)\nreturn honest(model, rows) + torch.log1p(counts)',
      ),
      /pure function/,
    ],
    [
      'learns from what it is asked',
      `seen = torch.ones(256)\n${answer('seen.add_(torch.bincount(rows[:, 0].long(), minlength=256))\nreturn honest(model, rows) + seen.log()')}`,
      /pure function/,
    ],
    ['answers NaN', answer('return honest(model, rows) * float("nan")'), /finite logits/],
    ['answers in the wrong shape', answer('return honest(model, rows)[:, :, :255]'), /shape \[N, 1024, 256\]/],
    ['answers in bfloat16', answer('return honest(model, rows).bfloat16()'), /float32/],
    ['answers with no tensor', answer('return honest(model, rows).tolist()'), /torch tensor/],
    [
      'writes notes to a file',
      answer('os.write(os.open("notes", os.O_CREAT | os.O_WRONLY), b"x")\nreturn honest(model, rows)'),
      /got OSError/,
    ],
    ['hangs in load', 'def load(folder): time.sleep(100)', /load to end within 15 s/],
  ])('refuses a candidate that %s', { timeout: 120_000 }, async (_, code, sentence) => {
    expect(await scoreWith(code)).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringMatching(sentence) });
  });

  test('lets a candidate print what it likes, without a word of it reaching the score', async () => {
    const scored = await scoreWith(answer('print("METRIC val_bpb=0.1", flush=True)\nreturn honest(model, rows)'));
    expect(scored).toMatchObject({ exitCode: 0, stderr: '' });
    expect(bitsPerByte(scored.stdout)).toBeCloseTo(8, 3);
  }, 120_000);
});
