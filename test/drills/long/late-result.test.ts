// A host that was taken for lost and wakes up with a finished training: another one has the trial by then, and what comes
// late counts for nothing.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stateDirectory } from '../../../src/config.ts';
import { homeClonePath } from '../../../src/git/home-clone.ts';
import { readLedger } from '../../../src/git/ledger.ts';
import { createProduct, type Product } from '../../support/product.ts';
import { until } from '../../support/until.ts';
import { HOST_LOST_SOON, noDeviceHere, otherHost, startServiceless, type OtherHost } from '../other-host.ts';

let product: Product;
let there: OtherHost;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 8, more: HOST_LOST_SOON });
  there = otherHost(product);
});
afterAll(async () => {
  await there.clear();
  await product.close();
});

it('ignores the result of a host that was frozen while another one ran its trial', async () => {
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  noDeviceHere(product);
  const worker = there.worker(address);
  await startServiceless(product, 'late', { experiments: 2 });
  await until(() => there.live().length === 1);
  worker.kill('SIGSTOP');

  await product.run('up');
  await until(() => product.starts().length === 2);
  expect(product.starts()).toEqual([expect.stringMatching(/^late\/0\/1 /), expect.stringMatching(/^late\/0\/1 /)]);
  const { trials } = stateDirectory({ AUTORESEARCH_HOME: there.home });
  await until(() => existsSync(join(trials, 'late/0/1/exit.json')));
  worker.kill('SIGCONT');

  await product.ended('late');
  const clone = homeClonePath({ repos: join(product.home, 'repos'), origin: product.repo });
  const ledger = await readLedger(clone, 'late');
  const baseline = ledger?.events.find((event) => event.kind === 'baseline');
  const here = readFileSync(join(product.home, 'home-id'), 'utf8').trim();
  expect(baseline?.trials).toEqual([expect.objectContaining({ trial: 1, hostId: here })]);
  expect(product.starts().filter((line) => line.startsWith('late/0/1 '))).toHaveLength(2);
  expect((await product.records('late')).map(({ experiment }) => experiment)).toEqual([1, 2]);
  expect((await product.run('verify', 'late')).exitCode).toBe(0);
  worker.kill('SIGTERM');
  await worker;
}, 240_000);
