// A session whose proposer is a model: a Messages API on loopback, everything else real.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Asked, Reply } from '../support/messages-api.ts';
import { createModelProduct, type ModelProduct } from '../support/model-product.ts';
import { until } from '../support/until.ts';

const KEY = 'sk-ant-a-key-that-nobody-may-see';
const MODEL = 'a-model-of-ours';

let product: ModelProduct;
beforeAll(async () => {
  product = await createModelProduct(answer, { key: KEY, prices: { [MODEL]: { input: 10, output: 100 } } });
});
afterAll(() => product.close());

/** Moves the rate that it is shown towards the best; the first time it takes long, and the second it is down. */
function answer({ body }: Asked, before: number): Reply {
  if (isPoor) return { text: 'I do not know.' };
  if (before === 1) return { status: 529, headers: { 'retry-after-ms': '100' } };
  const [line = '', rate = ''] = /LEARNING_RATE = ([\d.]+)/.exec(JSON.stringify(body.messages)) ?? [];
  const edits = [{ file: 'train.py', search: line, replace: `LEARNING_RATE = ${(1.5 * Number(rate)).toPrecision(4)}` }];
  const propose = { hypothesis: `a higher rate than ${rate}`, kind: 'scalar', expected_gain: 0.04, edits };
  return { propose, afterMs: before === 0 ? 60_000 : 0 };
}

/** Whether the session of the second test asks. */
let isPoor = false;

const everythingIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('/server/cli'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

/** A session whose model takes so many US dollars at most, one question after the other. */
const askedFor = (usd: string): string[] =>
  `--proposer anthropic --model ${MODEL} --usd ${usd} --lookahead 0 --max-tokens 1000`.split(' ');

it('a model proposes: kills, an API that is down and its price are no trouble, and its key is nowhere', async () => {
  await product.start('asked', { experiments: 3 }, ...askedFor('1'));
  await until(() => product.api.asked.length === 1);
  process.kill(product.services()['control-worker'] ?? 0, 'SIGKILL'); // and the watchdog starts another
  expect((await product.ended('asked')).status).toBe('done');

  const records = await product.records('asked');
  expect(records.map(({ experiment }) => experiment)).toEqual([1, 2, 3]);
  expect(records.map(({ hypothesis }) => hypothesis)[0]).toBe('a higher rate than 0.01');
  expect(records.every(({ proposer }) => proposer === 'anthropic')).toBe(true);
  for (const { work } of records) {
    expect(work).toMatchObject({ model: MODEL, kind: 'scalar', turns: 1, inputTokens: 1300, outputTokens: 50 });
    expect(work?.usd).toBeCloseTo((10 * (1000 + 20 + 125) + 100 * 50) / 1e6);
  }
  // The first was asked twice because nobody had its answer, the second because the API was down.
  expect(product.api.asked).toHaveLength(records.length + 2);
  const shown = await product.run('show', '1', 'asked');
  expect(shown.stdout).toMatch(/a-model-of-ours, as scalar; 1 answer, 1300 tokens read .* \$0\.0164/s);
  const prompt = await product.run('show', '1', 'asked', '--prompt');
  expect(prompt.stdout).toMatch(
    /asked of a-model-of-ours.*LEARNING_RATE = 0\.01.*answer 1 \(50 tokens\).*"hypothesis"/s,
  );
  expect((await product.run('verify', 'asked')).exitCode).toBe(0);

  await product.run('down');
  const written = everythingIn(product.home) + everythingIn(product.repo);
  expect(written).toContain('a higher rate than');
  expect(written).not.toContain(KEY);
}, 180_000);

it('`--usd` ends a session before it is spent: a question that may take more than is left is not asked', async () => {
  isPoor = true;
  const before = product.api.asked.length;
  await product.start('poor', { experiments: 50 }, ...askedFor('0.25'));
  expect((await product.ended('poor')).status).toBe('done');
  expect((await product.run('status', 'poor')).stdout).toContain('the 0.25 US dollars for models are spent');
  const asked = product.api.asked.length - before;
  expect(asked).toBeGreaterThan(1);
  const records = await product.records('poor');
  const spent = records.reduce((sum, { work }) => sum + (work?.usd ?? 0), 0);
  expect(spent).toBeLessThanOrEqual(0.25);
  expect(records.reduce((sum, { work }) => sum + (work?.turns ?? 0), 0)).toBe(asked);
}, 180_000);
