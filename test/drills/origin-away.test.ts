// The short form of `npm run drill -- --origin 60`.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../support/product.ts';
import { surviveOutage } from './origin-away.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1 });
});
afterAll(() => product.close());

it('goes on while the origin is away, and everything lands there when it is back', async () => {
  const { recordedMeanwhile, ...damage } = await surviveOutage(product, 6);
  expect(damage).toEqual({ repeated: [], missing: [], verify: '' });
  expect(recordedMeanwhile).toBeGreaterThan(1);
}, 240_000);
