// A person has a session go on from where they want it by `pin`.
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../../support/product.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1 });
});
afterAll(async () => product.close());

const git = async (folder: string, ...args: string[]): Promise<string> =>
  (await execa('git', args, { cwd: folder })).stdout;

it('a person has the session go on from an experiment that was not kept: by a commit, and what git has adds up', async () => {
  const { repo, run, records } = product;
  await product.start('pinned', { experiments: 5 }, '--seed', '4');
  await product.tells('pinned', ({ last }) => last.some(({ verdict }) => verdict === 'discard'));
  const discarded = (await records('pinned')).find(({ verdict }) => verdict === 'discard');
  if (discarded === undefined) throw new Error('Expected in the ledger what the session tells.');
  expect((await run('pin', String(discarded.experiment), 'pinned')).exitCode).toBe(0);
  expect((await product.ended('pinned')).status).toBe('done');
  const trees = await git(repo, 'log', '--format=%T %s', 'main..autoresearch/pinned');
  expect(trees).toContain(`${discarded.tree} Back to experiment ${discarded.experiment}`);
  expect(await run('verify', 'pinned')).toMatchObject({ exitCode: 0 });
}, 180_000);
