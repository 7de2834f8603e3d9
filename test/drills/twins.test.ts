// A person starts a second worker for a device that has one, in another terminal.
import { execa } from 'execa';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/config.ts';
import { createProduct, type Product } from '../support/product.ts';
import { until } from '../support/until.ts';
import { startedTrials } from './aftermath.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct();
});
afterAll(() => product.close());

function workerOf(address: string) {
  const env = { ...product.env, TEMPORAL_ADDRESS: address };
  const program = join(packageRoot(), 'bin/autoresearch.js');
  return execa('node', [program, 'worker', 'gpu'], { cwd: product.folder, env, reject: false, stdin: 'ignore' });
}

it('two workers of one device train one trial at a time and none twice, whichever of them comes and goes', async () => {
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  await product.start('twins', { experiments: 3 });
  const training = (trial: string) => until(() => product.starts().some((line) => line.startsWith(`${trial} `)));
  await training('twins/0/1');
  const first = workerOf(address); // takes over what the other has in hand
  await training('twins/1/1');
  first.kill('SIGKILL');
  const second = workerOf(address);
  await training('twins/2/1');
  process.kill(product.services()['device-worker'] ?? 0, 'SIGKILL');
  expect((await product.ended('twins')).status).toBe('done');
  second.kill('SIGTERM');
  expect((await second).exitCode).toBe(0);

  expect(startedTrials(product, 'twins')).toEqual(['0', '1', '2', '3'].map((experiment) => `twins/${experiment}/1`));
  const trials = (await product.records('twins')).flatMap((record) => record.trials);
  expect(trials.map(({ value }) => value)).not.toContain(null);
  const times = trials.map(({ startedAt, endedAt }) => [Date.parse(startedAt), Date.parse(endedAt)] as const);
  const overlaps = times.filter(([start], index) => index > 0 && start < (times[index - 1]?.[1] ?? 0));
  expect(overlaps).toEqual([]);
  expect((await product.run('verify', 'twins')).exitCode).toBe(0);
}, 180_000);
