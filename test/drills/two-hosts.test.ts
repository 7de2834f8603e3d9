// Two hosts share a server: one state directory each, as two machines have.
import { execa } from 'execa';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';
import { createProduct, type Product } from '../support/product.ts';
import { until } from '../support/until.ts';

let product: Product;
let there: string;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 30, more: { AUTORESEARCH_HOST_LOST_SECONDS: '2' } });
  there = join(product.folder, 'there');
  mkdirSync(there);
});
afterAll(async () => {
  for (const { directory } of liveThere()) await killTrial(directory);
  await product.close();
});

const liveThere = () => liveTrials(stateDirectory({ AUTORESEARCH_HOME: there }).trials);
const liveHere = () => liveTrials(stateDirectory({ AUTORESEARCH_HOME: product.home }).trials);

/** The device worker of the other host. */
function workerThere(address: string) {
  const env = { ...product.env, AUTORESEARCH_HOME: there, TEMPORAL_ADDRESS: address };
  const program = join(packageRoot(), 'bin/autoresearch.js');
  return execa('node', [program, 'worker', 'gpu'], { cwd: product.folder, env, reject: false, stdin: 'ignore' });
}

const isVerified = async (session: string): Promise<void> =>
  expect(await product.run('verify', session)).toMatchObject({ exitCode: 0 });

it('a trial on a host that does not come back is run elsewhere; the old host ends its own when it returns', async () => {
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  for (const name of ['watchdog', 'device-worker']) process.kill(product.services()[name] ?? 0, 'SIGKILL');
  const first = workerThere(address);
  await product.start('night', { experiments: 1 });
  await until(() => product.starts().length === 1);
  const [old = ''] = product.starts();
  expect(liveThere().map(({ trial }) => trial)).toEqual(['night/0/1']);
  first.kill('SIGKILL');

  await product.run('up');
  await until(() => product.starts().length === 2);
  expect(liveHere().map(({ trial }) => trial)).toEqual(['night/0/1']);
  expect(liveThere()).toHaveLength(1); // nobody there to end it
  const second = workerThere(address);
  await until(() => liveThere().length === 0);
  expect(liveHere().map(({ trial }) => trial)).toEqual(['night/0/1']);
  expect(product.starts()).toEqual([old, expect.stringMatching(/^night\/0\/1 /)]);
  second.kill('SIGTERM');
  await product.run('stop', 'night', '--now');
  await isVerified('night');
}, 180_000);

it('two hosts that share a path origin: the one that cannot read the home clone trains and scores an experiment', async () => {
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  const worker = workerThere(address);
  await product.start('shared', { experiments: 1 }, '--trial-seconds', '1');
  // `start` has brought the device worker here back: from now on there is one there alone.
  for (const name of ['watchdog', 'device-worker']) process.kill(product.services()[name] ?? 0, 'SIGKILL');
  await product.tells('shared', ({ status }) => ['done', 'blocked'].includes(status));
  expect((await product.best('shared')).status).toBe('done');
  const [record] = await product.records('shared');
  expect(record).toMatchObject({ experiment: 1, verdict: expect.stringMatching(/keep|discard/) });
  expect(record?.trials.map(({ hostId }) => hostId)).toEqual([readFileSync(join(there, 'home-id'), 'utf8').trim()]);
  worker.kill('SIGTERM');
  await worker;
  await isVerified('shared');
}, 180_000);
