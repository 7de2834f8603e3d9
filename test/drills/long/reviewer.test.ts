// A model reads what a session would keep: what it doubts waits for a person, who has the last word.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Asked, Reply } from '../../support/messages-api.ts';
import { until } from '../../support/until.ts';
import { createModelProduct, type ModelProduct } from '../../support/model-product.ts';

const MODEL = 'a-model-of-ours';
const SESSION = 'read';

let product: ModelProduct;
beforeAll(async () => {
  product = await createModelProduct(answer, { key: 'sk-ant-a-key', prices: { [MODEL]: { input: 10, output: 100 } } });
});
afterAll(() => product.close());

/** It doubts the first thing that it reads. */
const answer = (_asked: Asked, before: number): Reply =>
  before === 0
    ? { judge: { opinion: 'question', reason: 'nobody needs that constant' } }
    : { judge: { opinion: 'ok', reason: 'it changes how it learns' } };

it('what a reviewer doubts waits in quarantine with its words, is tried once more when a person accepts it, and is paid for', async () => {
  await product.start(SESSION, { experiments: 40 }, '--proposer', 'search', '--reviewer', MODEL, '--usd', '1');
  await product.tells(SESSION, ({ counts }) => counts.quarantined > 0);
  const listed = await product.run('quarantine', 'list', SESSION);
  expect(listed.stdout.replaceAll(/\s+/g, ' ')).toContain('the reviewer (a-model-of-ours) is not sure');
  const doubted = (await product.records(SESSION)).find(({ verdict }) => verdict === 'quarantine');
  const number = String(doubted?.experiment);
  expect((await product.run('show', number, SESSION)).stdout).toMatch(/review +question, by a-model-of-ours/);
  expect((await product.run('show', number, SESSION, '--prompt')).stdout).toContain(
    'does the edit change the learning',
  );
  expect((await product.run('quarantine', 'accept', number, SESSION)).exitCode).toBe(0);
  const again = await until(async () =>
    (await product.records(SESSION)).find(({ accepted }) => accepted === doubted?.experiment),
  );
  expect(again).not.toHaveProperty('opinion'); // a person has read it
  expect(['keep', 'discard']).toContain(again.verdict); // by the rule alone, on what is the best by then
  expect((await product.run('stop', SESSION, '--now')).exitCode).toBe(0);
  await product.ended(SESSION);

  const records = await product.records(SESSION);
  const opinions = records.flatMap(({ opinion }) => opinion ?? []);
  expect(opinions[0]).toMatchObject({ opinion: 'question', work: { model: MODEL } });
  expect(opinions[0]?.work.usd).toBeGreaterThan(0);
  const kept = records.filter(({ verdict, accepted }) => verdict === 'keep' && accepted === undefined);
  expect(kept.every(({ opinion }) => opinion?.opinion === 'ok')).toBe(true);
  expect((await product.run('results', SESSION)).stdout).toContain(' $0.');
  expect((await product.run('verify', SESSION)).exitCode).toBe(0);
}, 300_000);
