// One session that everybody proposes to in turn: it is stopped, and goes on with another proposer, again and again.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Asked, Reply } from '../../support/messages-api.ts';
import { createModelProduct, type ModelProduct } from '../../support/model-product.ts';

const MODEL = 'a-model-of-ours';
const SESSION = 'turns';

let product: ModelProduct;
beforeAll(async () => {
  product = await createModelProduct(answer, { key: 'sk-ant-a-key', prices: { [MODEL]: { input: 10, output: 100 } } });
});
afterAll(() => product.close());

/** Another rate each time. */
function answer({ body }: Asked, before: number): Reply {
  const [line = ''] = /LEARNING_RATE = [\d.]+/.exec(JSON.stringify(body.messages)) ?? [];
  const rate = (0.02 + before * 0.013).toFixed(3);
  const edits = [{ file: 'train.py', search: line, replace: `LEARNING_RATE = ${rate}` }];
  return { propose: { hypothesis: `a rate of ${rate}`, kind: 'scalar', expected_gain: 0.04, edits } };
}

/** Another rate each time too, and it prints no price. */
const SCRIPT = [
  String.raw`n=$(sed -n 's/^Propose experiment \([0-9]*\).*/\1/p')`,
  'sed -i "s/^LEARNING_RATE = .*/LEARNING_RATE = 0.9$n/" train.py',
  'echo "HYPOTHESIS: a script says 0.9$n"',
].join('; ');

/** Applies to whatever the others have made of the constants. */
const DIFF = `--- a/train.py
+++ b/train.py
@@ -1 +1,2 @@
 import math, os, random, signal, sys, time
+PATIENCE = 7
`;

/** Waits for so many more experiments, stops the session, and says who proposed what was tried since. */
async function leg(before: number, more = 1): Promise<{ readonly count: number; readonly authors: readonly string[] }> {
  await product.tells(SESSION, ({ counts }) => counts.total >= before + more);
  expect((await product.run('stop', SESSION)).exitCode).toBe(0);
  expect((await product.ended(SESSION)).status).toBe('done');
  const records = await product.records(SESSION);
  const tried = records.filter(({ trials }) => trials.length > 0);
  return { count: tried.length, authors: tried.slice(before).map(({ proposer }) => proposer) };
}

async function goOn(...options: string[]): Promise<void> {
  const { exitCode, stderr } = await product.run('start', '--detach', '--continue-from', SESSION, ...options);
  expect([exitCode, stderr]).toEqual([0, expect.anything()]);
}

it('everybody proposes to one session in turn: results tell who and at what cost, and the ledger is whole', async () => {
  await product.start(SESSION, { experiments: 90 }, '--proposer', 'search', '--lookahead', '0');
  const search = await leg(0);
  expect(new Set(search.authors)).toEqual(new Set(['search']));

  await goOn('--proposer', 'anthropic', '--model', MODEL);
  const model = await leg(search.count);
  expect(new Set(model.authors)).toEqual(new Set(['anthropic']));

  await goOn('--proposer', 'command', '--command', SCRIPT);
  const script = await leg(model.count);
  expect(new Set(script.authors)).toEqual(new Set(['command']));

  await goOn('--proposer', 'hybrid', '--model', MODEL);
  const patch = join(product.folder, 'patience.diff');
  writeFileSync(patch, DIFF);
  expect((await product.run('patch', patch, SESSION, '--why', 'more patience')).exitCode).toBe(0);
  const hybrid = await leg(script.count, 2);
  expect(hybrid.authors).toContain('person');
  for (const author of hybrid.authors) expect(['person', 'search', 'anthropic']).toContain(author);

  const records = await product.records(SESSION);
  expect(records.map(({ experiment }) => experiment)).toEqual(records.map((_, k) => k + 1));
  const usdOf = (author: string) =>
    new Set(records.flatMap(({ proposer, work }) => (proposer === author ? [work?.usd?.toFixed(4)] : [])));
  expect(usdOf('anthropic')).toEqual(new Set(['0.0164']));
  for (const author of ['command', 'search', 'person']) expect(usdOf(author)).toEqual(new Set([undefined]));
  const { stdout } = await product.run('results', SESSION);
  expect(stdout).toMatch(/ anthropic +\$0\.0164 /);
  for (const author of ['search', 'command', 'person']) expect(stdout).toMatch(new RegExp(` ${author} `));
  const written = records.find(({ proposer }) => proposer === 'person');
  expect(written?.hypothesis).toBe('more patience');
  expect((await product.run('verify', SESSION)).exitCode).toBe(0);
}, 600_000);
