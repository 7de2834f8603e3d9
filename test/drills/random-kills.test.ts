// The short form of `npm run drill`: another seed for every run of the tests, said when it fails.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../support/product.ts';
import { NOTHING_LOST } from './aftermath.ts';
import { surviveKills } from './random-kills.ts';

const SEED = Date.now() % 1_000_000;
let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1 });
});
afterAll(() => product.close());

it(`survives random kills of its processes: nothing lost, doubled, repeated or left behind (seed ${SEED})`, async () => {
  const said: string[] = [];
  const damage = await surviveKills(product, { kills: 2, seed: SEED, say: (text) => said.push(text) });
  const { lost, doubled, repeated, orphans, stuckLocks, verify } = damage;
  const left = { orphans: [], stuckLocks: [] };
  expect({ said, lost, doubled, repeated, orphans, stuckLocks, verify }).toEqual({ said, ...NOTHING_LOST, ...left });
  expect(damage.experiments).toBeGreaterThan(0);
}, 600_000);
