// Two hosts share a server: one state directory each, as two machines have.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { liveTrials } from '../../src/trainer/sweep.ts';
import { createProduct, type Product } from '../support/product.ts';
import { until } from '../support/until.ts';
import { HOST_LOST_SOON, noDeviceHere, otherHost, startServiceless, type OtherHost } from './other-host.ts';

let product: Product;
let there: OtherHost;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 30, more: HOST_LOST_SOON });
  there = otherHost(product);
});
afterAll(async () => {
  await there.clear();
  await product.close();
});

const liveHere = () => liveTrials(stateDirectory({ AUTORESEARCH_HOME: product.home }).trials);

const isVerified = async (session: string): Promise<void> =>
  expect(await product.run('verify', session)).toMatchObject({ exitCode: 0 });

const hasGitDaemon = existsSync(join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon'));

/** The project's repo by a URL: what it has can be reached by no path that a session knows. */
async function serveRepo(): Promise<{ readonly url: string; readonly end: () => void }> {
  const [bare, port] = [join(product.folder, 'served/origin.git'), await freePort()];
  await execa('git', ['clone', '--quiet', '--bare', product.repo, bare]);
  const flags = ['--listen=127.0.0.1', `--port=${port}`, `--base-path=${dirname(bare)}`];
  const daemon = spawn('git', ['daemon', ...flags, '--export-all', '--enable=receive-pack'], {
    stdio: 'ignore',
    detached: true,
  });
  const url = `git://127.0.0.1:${port}/origin.git`;
  await until(async () => (await execa('git', ['ls-remote', url], { reject: false })).exitCode === 0);
  return { url, end: () => void process.kill(-(daemon.pid ?? Number.NaN), 'SIGKILL') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : Number.NaN;
}

it('a trial on a host that does not come back is run elsewhere; the old host ends its own when it returns', async () => {
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  noDeviceHere(product);
  const first = there.worker(address);
  await startServiceless(product, 'night', { experiments: 1 });
  await until(() => product.starts().length === 1);
  const [old = ''] = product.starts();
  expect(there.live().map(({ trial }) => trial)).toEqual(['night/0/1']);
  first.kill('SIGKILL');

  await product.run('up');
  await until(() => product.starts().length === 2);
  expect(liveHere().map(({ trial }) => trial)).toEqual(['night/0/1']);
  expect(there.live()).toHaveLength(1); // nobody there to end it
  const second = there.worker(address);
  await until(() => there.live().length === 0);
  expect(liveHere().map(({ trial }) => trial)).toEqual(['night/0/1']);
  expect(product.starts()).toEqual([old, expect.stringMatching(/^night\/0\/1 /)]);
  second.kill('SIGTERM');
  await product.run('stop', 'night', '--now');
  await isVerified('night');
}, 180_000);

/** Runs a session of one experiment on the other host's devices alone; returns its record. */
async function trainThere(session: string, origin: string): Promise<ExperimentRecord | undefined> {
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  noDeviceHere(product);
  const worker = there.worker(address);
  await startServiceless(product, session, { experiments: 1 }, origin, '--trial-seconds', '1');
  await product.tells(session, ({ status }) => ['done', 'blocked'].includes(status));
  expect((await product.best(session)).status).toBe('done');
  worker.kill('SIGTERM');
  await worker;
  await isVerified('shared');

  return (await product.records(session))[0];
}

/** The record of an experiment that was decided, with all its trials on the other host. */
const decidedThere = () => ({
  experiment: 1,
  verdict: expect.stringMatching(/keep|discard/),
  trials: [expect.objectContaining({ hostId: there.hostId() })],
});

it('two hosts that share a path origin: the one that cannot read the home clone trains and scores an experiment', async () => {
  const record = await trainThere('shared', product.repo);
  expect(record).toMatchObject(decidedThere());
}, 180_000);

// A URL needs somebody who serves it: skipped, by name, where git comes without its daemon.
it.skipIf(!hasGitDaemon)(
  'a host joins with the server’s address and a repo’s URL alone (needs git daemon)',
  async () => {
    const { url, end } = await serveRepo();
    try {
      const record = await trainThere('joined', url);
      expect(record).toMatchObject(decidedThere());
      expect(readdirSync(join(there.home, 'repos')).filter((name) => /^origin-\w+\.git$/.test(name))).toHaveLength(1);
    } finally {
      end();
    }
  },
  180_000,
);
