// A session that a model and the search share, and an API that goes down in the middle of it for good.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Asked, Reply } from '../../support/messages-api.ts';
import { createModelProduct, type ModelProduct } from '../../support/model-product.ts';

let product: ModelProduct;
beforeAll(async () => {
  product = await createModelProduct(answer, { key: 'sk-ant-a-key' });
});
afterAll(() => product.close());

/** Answers once, with what crashes: the next turn is then the model's too, whatever is drawn. */
function answer({ body }: Asked, before: number): Reply {
  if (before > 0) return { status: 529, message: 'overloaded' };
  const [line = ''] = /LEARNING_RATE = [\d.]+/.exec(JSON.stringify(body.messages)) ?? [];
  const edits = [{ file: 'train.py', search: line, replace: 'LEARNING_RATE = 0.0' }];
  return { propose: { hypothesis: 'no rate at all', kind: 'scalar', expected_gain: 0.04, edits } };
}

it('a model goes down for good in the middle: search goes on alone, and status says since when', async () => {
  await product.start('shared', { experiments: 60 }, '--seed', '3'); // no proposer named: there is a key
  await product.tells('shared', ({ notices = [] }) => notices.some((notice) => notice.includes('model is down')));
  const { stdout, stderr } = await product.run('status', 'shared');
  expect(stdout + stderr).toMatch(/The model is down since 20.*529: overloaded/s);
  const before = (await product.records('shared')).length;
  await product.tells('shared', ({ counts }) => counts.total > before + 3);
  await product.run('stop', 'shared');
  expect((await product.ended('shared')).status).toBe('done');

  const records = await product.records('shared');
  expect(records.filter(({ work }) => work !== undefined)).toHaveLength(1);
  // What was proposed when the session was told to stop is not trained any more.
  const since = records.slice(before).filter(({ verdict }) => verdict !== 'dropped');
  expect(since.every(({ proposer, trials }) => proposer === 'search' && trials.length > 0)).toBe(true);
  // Once it answered, three times it did not; after that nobody asks for five minutes.
  expect(product.api.asked).toHaveLength(4);
}, 180_000);
