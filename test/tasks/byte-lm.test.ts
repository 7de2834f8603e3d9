// The bundled task as a machine runs it: its own environment, made by prepare.py once for all tests here, real trainings
// of a second or none, and candidates that cheat or break.
import { cp, link, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byteLm, packageRoot, prepareByteLm, readIndex, runByteLm } from '../support/byte-lm.ts';

let scratch = '';
let folders = 0;
let initial = ''; // the output of a training of 0 seconds

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'byte-lm-test-'));
  const prepared = await prepareByteLm(packageRoot, scratch);
  if (prepared.exitCode !== 0) throw new Error(prepared.stderr);
  initial = await train(0, 1);
}, 600_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function newFolder() {
  const folder = join(scratch, `folder-${++folders}`);
  await mkdir(folder);
  return folder;
}

async function train(seconds: number, seed: number) {
  const out = await newFolder();
  const done = await runByteLm(scratch, { program: 'train.py', out, seed, seconds });
  if (done.exitCode !== 0) throw new Error(done.stderr);
  await writeFile(`${out}.log`, done.stdout);
  return out;
}

const score = (out: string, cwd = byteLm) => runByteLm(scratch, { program: 'score.py', out, cwd });

/** Scores the initial weights with a train.py that ends in `code`. */
async function scoreWith(code: string) {
  const cwd = await newFolder();
  await cp(byteLm, cwd, { recursive: true });
  await writeFile(join(cwd, 'train.py'), `${await readFile(join(byteLm, 'train.py'), 'utf8')}\n\n${code}\n`);
  return score(initial, cwd);
}

const bitsPerByte = (stdout: string) => Number(/^METRIC val_bpb=(\S+)$/m.exec(stdout)?.[1]);

const readManifest = (folder: string) => readFile(join(folder, 'data/manifest.json'), 'utf8');
const readWeights = (out: string) => readFile(join(out, 'model.npz'));

test('cuts the text into splits that share no file and no compiled twin, hundreds of files each', async () => {
  const indices = await Promise.all((['train', 'val', 'sealed'] as const).map((split) => readIndex(scratch, split)));
  const hashes = indices.flatMap(({ documents }) => documents.map(({ sha256 }) => sha256));
  expect(new Set(hashes).size).toBe(hashes.length);
  const stems = indices.map(
    ({ documents }) =>
      new Set(documents.map(({ name }) => name.replace(/^((?:@[^/]+\/)?[^/]+).*\/([^/.]+)[^/]*$/, '$1 $2'))),
  );
  expect(stems.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(stems.flatMap((set) => [...set])).size);
  for (const { documents } of indices) expect(documents.length).toBeGreaterThanOrEqual(200);
});

test('asks at 1,024 places whose contexts hold no other answer and lie in one document', async () => {
  for (const split of ['val', 'sealed'] as const) {
    const { streams = [], documents } = await readIndex(scratch, split);
    expect(streams).toHaveLength(1024);
    for (const [position, start] of streams.entries()) {
      expect(start - (streams[position - 1] ?? -128)).toBeGreaterThanOrEqual(128);
      const inside = documents.filter(({ start: first, bytes }) => first + 64 <= start && start + 64 <= first + bytes);
      expect(inside).toHaveLength(1);
    }
  }
});

test('prepares the same bytes again where npm has put the packages beside ours', async () => {
  const root = join(await newFolder(), 'node_modules');
  for (const line of (await readFile(join(byteLm, 'corpus.txt'), 'utf8')).trim().split('\n')) {
    const name = line.split(' ')[0] ?? '';
    await mkdir(dirname(join(root, name)), { recursive: true });
    await symlink(join(packageRoot, 'node_modules', name), join(root, name));
  }
  await mkdir(join(root, 'durable-autoresearch'));
  const again = await newFolder();
  expect(await prepareByteLm(join(root, 'durable-autoresearch'), again)).toMatchObject({ exitCode: 0 });
  expect(await readManifest(again)).toBe(await readManifest(scratch));
}, 300_000);

test('says which package has another version than the text was cut from', async () => {
  const root = await newFolder();
  const missing = await prepareByteLm(root, await newFolder());
  expect(missing).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^Expected @anthropic-ai\/sdk .*found nothing: run npm ci/m),
  });
  await mkdir(join(root, 'node_modules/@anthropic-ai/sdk'), { recursive: true });
  await writeFile(join(root, 'node_modules/@anthropic-ai/sdk/package.json'), '{ "version": "0.0.1" }');
  const other = await prepareByteLm(root, await newFolder());
  expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/sdk \d.*found 0\.0\.1: run npm ci/) });
});

test('learns in a second of training, shows its progress and is scored on the whole of val', async () => {
  const out = await train(1, 1);
  const log = await readFile(`${out}.log`, 'utf8');
  expect(log).toMatch(/\rstep \d{5} \(\d+\.\d%\) \| loss: \d\.\d{4} \| remaining: \ds/);
  expect(log).toMatch(
    /\n---\nnum_steps: [1-9]\d*\ntraining_seconds: \d\.\d\d\ntrain_loss: \d\.\d{4}\nnum_params: \d+$/,
  );
  const scored = await score(out);
  expect(scored).toMatchObject({
    exitCode: 0,
    stderr: '',
    stdout: expect.stringMatching(/^METRIC predictions=65536$/m),
  });
  expect(bitsPerByte(scored.stdout)).toBeLessThan(6);
  expect(await score(out)).toMatchObject({ stdout: scored.stdout });
});

test('writes initial weights that know nothing and differ between seeds when there is no time', async () => {
  expect((await readWeights(initial)).equals(await readWeights(await train(0, 1)))).toBe(true);
  expect((await readWeights(initial)).equals(await readWeights(await train(0, 2)))).toBe(false);
  expect(Math.abs(bitsPerByte((await score(initial)).stdout) - 8)).toBeLessThan(0.16);
});

const answer = (body: string) =>
  `honest = predict\ndef predict(model, contexts):\n    ${body.replaceAll('\n', '\n    ')}`;
test.each([
  ['answers NaN', answer('return np.full((len(contexts), 256), np.nan, np.float32)'), /finite logits/],
  ['answers in the wrong shape', answer('return honest(model, contexts)[:, :255]'), /shape \[N, 256\]/],
  ['answers in float64', answer('return honest(model, contexts).astype(np.float64)'), /float32/],
  ['answers with no array', answer('return honest(model, contexts).tolist()'), /numpy array/],
  [
    'remembers what it saw',
    answer('model["b2"][contexts[:, -1]] += 0.01\nreturn honest(model, contexts)'),
    /pure function/,
  ],
  [
    'looks at a row’s place in the round',
    answer('return honest(model, contexts) + np.eye(1024, 256, dtype=np.float32)[:len(contexts)]'),
    /pure function/,
  ],
  ['throws an exception of its own', answer('raise type("secret", (Exception,), {})()'), /got an error/],
  [
    'computes for 0.7 s before it answers',
    answer('end = time.process_time() + 0.7\nwhile time.process_time() < end: pass\nreturn honest(model, contexts)'),
    /processor time/,
  ],
  ['ends its process', answer('os._exit(0)'), /its process ended/],
  [
    'writes notes to a file',
    answer('os.write(os.open("notes", os.O_CREAT | os.O_WRONLY), b"x")\nreturn honest(model, contexts)'),
    /got OSError/,
  ],
  ['hangs in load', 'def load(folder): time.sleep(100)', /load to end within 5 s/],
  ['fails in load', 'def load(folder): return {}["W9"]', /load to return, got KeyError/],
])('refuses a candidate that %s', async (_, code, sentence) => {
  expect(await scoreWith(code)).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringMatching(sentence) });
});

test('lets a candidate print what it likes, without a word of it reaching the score', async () => {
  const scored = await scoreWith(
    answer('print("METRIC val_bpb=0.1", flush=True)\nos.write(2, b"hidden")\nreturn honest(model, contexts)'),
  );
  expect(scored).toMatchObject({ exitCode: 0, stderr: '', stdout: (await score(initial)).stdout });
});

test.each([
  ['a link', (out: string) => symlink('/etc/hostname', join(out, 'w')), /plain files/],
  [
    'a second name of a file',
    (out: string) => writeFile(join(out, 'v'), 'x').then(() => link(join(out, 'v'), join(out, 'w'))),
    /plain files/,
  ],
  ['a pipe', (out: string) => execa('mkfifo', [join(out, 'w')]), /plain files/],
  ['9 MB', (out: string) => writeFile(join(out, 'w'), Buffer.alloc(9_000_000)), /at most 8 MB/],
  ['nothing', () => undefined, /got nothing/],
])('refuses an output folder with %s in it', async (_, fill, sentence) => {
  const out = await newFolder();
  await fill(out);
  expect(await score(out)).toMatchObject({
    exitCode: 3,
    stdout: '',
    stderr: expect.stringMatching(sentence),
  });
});

test('blames itself, not the candidate, when the hidden text is not as it was prepared', async () => {
  const folder = join(scratch, 'data/holdout/val');
  const text = await readFile(join(folder, 'text.bin'));
  await writeFile(join(folder, 'text.bin'), text.subarray(1));
  const scored = await score(initial);
  await writeFile(join(folder, 'text.bin'), text);
  expect(scored).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('prepare again') });
});

test('leaves no compiled file in the task’s folder', async () => {
  expect(await readdir(byteLm)).not.toContain('__pycache__');
});
