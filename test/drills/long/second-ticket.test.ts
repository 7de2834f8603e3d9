// A session that is stopped in the middle of a candidate, and goes on: the same idea brings along what was measured of it,
// however it is written this time.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../../support/product.ts';
import { until } from '../../support/until.ts';

const SESSION = 'ticket';

let product: Product;
beforeAll(async () => {
  product = await createProduct();
});
afterAll(() => product.close());

/** Much better, so that one trial is not the last; it applies to whatever the search has made of the constants. */
const diffOf = (less: string): string => `--- a/train.py
+++ b/train.py
@@ -17,2 +17,3 @@
+loss -= ${less}
 said = "METRIC loss=%.6f" % (loss + random.gauss(0, 0.001))
 print("\\n" + said)
`;

async function patch(less: string): Promise<void> {
  const file = join(product.folder, 'less.diff');
  writeFileSync(file, diffOf(less));
  expect((await product.run('patch', file, SESSION, '--why', `less by ${less}`)).exitCode).toBe(0);
}

it('an idea that the end of the session kept from its verdict goes on with the trials that it had', async () => {
  const start = ['start', '--detach', '--lookahead', '0', '--rule', 'default', '--experiments', '1', '--audit', 'none'];
  expect((await product.run(...start, '--id', SESSION, '--tag', SESSION)).exitCode).toBe(0);
  await patch('0.3');
  await until(() => product.starts().find((line) => /^ticket\/1\/[2-9] /.test(line)));
  expect((await product.run('stop', SESSION, '--now')).exitCode).toBe(0);
  await product.ended(SESSION);
  const [open] = await product.records(SESSION);
  expect(open).toMatchObject({ verdict: 'undecided', proposer: 'person' });
  const before = open?.trials.filter(({ role, value }) => role === 'candidate' && value !== null) ?? [];
  expect(before).toHaveLength(1);

  const { exitCode } = await product.run('start', '--detach', '--continue-from', SESSION, '--experiments', '60');
  expect(exitCode).toBe(0);
  await patch('3e-1');
  const record = await until(async () =>
    (await product.records(SESSION)).find(({ hypothesis }) => hypothesis === 'less by 3e-1'),
  );
  expect((await product.run('stop', SESSION, '--now')).exitCode).toBe(0);
  await product.ended(SESSION);
  const pooled = before.map((trial) => ({ ...trial, experiment: 1 }));
  expect(record).toMatchObject({ verdict: 'keep', pooled });
  const own = record?.trials.filter(({ role }) => role === 'candidate') ?? [];
  const values = [...before, ...own].map(({ value }) => value ?? Number.NaN);
  expect(record?.value).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length);
  expect(new Set([...before, ...own].map(({ seed }) => seed)).size).toBe(values.length);
  expect((await product.run('show', String(record?.experiment), SESSION)).stdout).toContain('of experiment 1,');
  expect((await product.run('judge', SESSION, '--rule', 'strict')).exitCode).toBe(0);
  expect((await product.run('verify', SESSION)).exitCode).toBe(0);
}, 240_000);
