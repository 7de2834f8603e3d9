// The server's database is restored from an older copy: the session comes to some experiments a second time. What the
// ledger has of them holds.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import { createProduct, type Product } from '../support/product.ts';
import { until } from '../support/until.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1 });
});
afterAll(() => product.close());

const startsOf = (trial: string): string[] => product.starts().filter((line) => line.startsWith(`night/${trial} `));

it('a database that is some experiments older loses, doubles and rewrites nothing', async () => {
  const { server } = stateDirectory({ AUTORESEARCH_HOME: product.home });
  const copy = join(product.folder, 'copy');
  await product.start('night', { experiments: 4 });
  await until(() => startsOf('1/1').length > 0);
  await product.run('down');
  cpSync(server, copy, { recursive: true });
  await product.run('up');
  await until(() => startsOf('3/1').length > 0);
  await product.run('down');
  const before = await product.records('night');
  expect(before.length).toBeGreaterThanOrEqual(2);
  rmSync(server, { recursive: true });
  cpSync(copy, server, { recursive: true });

  await product.run('up');
  expect((await product.ended('night')).status).toBe('done');
  const after = await product.records('night');
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.map(({ experiment }) => experiment)).toEqual([1, 2, 3, 4]);
  expect(startsOf('2/1')).toHaveLength(1);
  expect((await product.run('verify', 'night')).exitCode).toBe(0);
}, 180_000);
