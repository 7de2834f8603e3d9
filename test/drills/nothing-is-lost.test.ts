// Promises 2, 3 and 4 of the design, on the real product: its own server, workers, supervisors, trainings and git.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import { rememberPush } from '../../src/git/to-push.ts';
import { createProduct, type Product } from '../support/product.ts';
import { until } from '../support/until.ts';
import { startedTrials } from './aftermath.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct();
});
afterAll(() => product.close());

const LONGER_THAN_ANY_HEARTBEAT_MS = 17_000;

const kill = (name: string): number => {
  const pid = product.services()[name];
  if (pid === undefined) throw new Error(`Expected ${name} to run.`);
  process.kill(pid, 'SIGKILL');
  return pid;
};
const startsOf = (trial: string): string[] => product.starts().filter((line) => line.startsWith(`${trial} `));
const training = (trial: string): Promise<string> => until(() => startsOf(trial)[0]);

const session = 'drill';

it('goes on after kill -9 of each process during a trial', async () => {
  await product.start(session, { experiments: 6, calibration: 2 });
  await training(`${session}/0/1`);
  kill('device-worker'); // and nobody comes: the watchdog starts it again
  await training(`${session}/0/2`);
  kill('control-worker');
  await product.run('up');
  await training(`${session}/1/1`);
  kill('temporal-server');
  await product.run('up');
  await training(`${session}/2/1`);
  await product.tells(session, ({ status }) => status === 'running');
  expect(startsOf(`${session}/2/1`)).toHaveLength(1);
}, 300_000);

it('goes on after all of them are gone for longer than any heartbeat: nothing lost or doubled, every training adopted', async () => {
  for (const name of ['watchdog', 'temporal-server', 'control-worker', 'device-worker']) kill(name);
  await sleep(LONGER_THAN_ANY_HEARTBEAT_MS); // or the lid of the laptop was closed
  await product.run('up');

  const best = await product.ended(session);
  expect(best.status).toBe('done');
  const records = await product.records(session);
  expect(records.map(({ experiment }) => experiment)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(records.every(({ trials }) => trials.length === 1 && trials[0]?.value !== null)).toBe(true);
  // Every training ran once: whoever watched it died, it was adopted.
  const ids = startedTrials(product, session);
  expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted());
  expect(ids).toHaveLength(8);
  expect(best.experiments.total).toBe(6);
}, 300_000);

it('answers best, results and show from git alone when nothing runs', async () => {
  const live = await product.best(session);
  await product.run('down');
  expect(await product.best(session)).toEqual(live);
  expect(await product.records(session)).toHaveLength(6);
  const shown = await product.run('show', '1');
  expect(shown.stdout).toContain('hypothesis');
  expect(shown.exitCode).toBe(0);
});

it("answers the same from git when the server's database is lost", async () => {
  const [best, records] = [await product.best(session), await product.records(session)];
  rmSync(stateDirectory({ AUTORESEARCH_HOME: product.home }).server, { recursive: true });
  expect((await product.run('up')).exitCode).toBe(0);
  expect(await product.best(session)).toEqual(best);
  expect(await product.records(session)).toEqual(records);
});

const git = async (...args: string[]): Promise<string> => (await execa('git', args, { cwd: product.repo })).stdout;

it("never touches the person's checkout, and leaves kept line, candidates and ledger in their repo", async () => {
  expect(await git('status', '--porcelain')).toBe('');
  expect(await git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
  expect(await git('rev-list', '--count', 'main')).toBe('1');
  const refs = await git('for-each-ref', '--format=%(refname)');
  expect(refs.split('\n').toSorted()).toEqual([
    'refs/autoresearch/drill/1',
    'refs/autoresearch/drill/2',
    'refs/autoresearch/drill/3',
    'refs/autoresearch/drill/4',
    'refs/autoresearch/drill/5',
    'refs/autoresearch/drill/6',
    'refs/autoresearch/drill/ledger',
    'refs/heads/autoresearch/drill',
    'refs/heads/main',
  ]);
  expect(await git('show', 'refs/autoresearch/drill/ledger:results.tsv')).toContain('hypothesis');
});

it('forgets a session when told so: its refs here and in the repo, its files, its history', async () => {
  expect((await product.run('forget', session)).exitCode).toBe(2);
  expect(await product.records(session)).toHaveLength(6);
  const { trials, repos } = stateDirectory({ AUTORESEARCH_HOME: product.home });
  // A push that never landed: its session's end must be its end too, or every later worker would try it.
  const [clone = ''] = readdirSync(repos).filter((name) => name.endsWith('.git'));
  rememberPush(join(repos, clone), { origin: product.repo, tag: 'drill', push: 'all' });
  const promised = join(repos, clone, 'to-push', 'drill.json');
  expect(existsSync(promised)).toBe(true);
  const forgotten = await product.run('forget', session, '--yes');
  expect(forgotten).toMatchObject({ exitCode: 0, stdout: `${session} is forgotten.` });
  expect(await git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  expect(readdirSync(trials)).toEqual([]);
  expect(existsSync(promised)).toBe(false);
  expect((await execa('git', ['for-each-ref', 'refs/autoresearch'], { cwd: join(repos, clone) })).stdout).toBe('');
  expect(JSON.parse((await product.run('list', '--json')).stdout)).toEqual([]);
  expect((await product.run('forget', session, '--yes')).exitCode).toBe(3);
});

it('does not forget a session that is still open', async () => {
  await product.start('open', { experiments: 3 });
  await training('open/0/1');
  const refused = await product.run('forget', 'open', '--yes');
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('stop --now open');
  expect((await product.run('stop', 'open', '--now')).exitCode).toBe(0);
});

it("goes on from git when the server's database is lost in the middle of a session, with the training that ran", async () => {
  await product.start('lost', { experiments: 4 }, '--seed', '5');
  await training('lost/2/1');
  for (const name of ['watchdog', 'temporal-server', 'control-worker', 'device-worker']) kill(name);
  rmSync(stateDirectory({ AUTORESEARCH_HOME: product.home }).server, { recursive: true });
  expect((await product.run('up')).exitCode).toBe(0);
  expect((await product.best('lost')).status).toBe('interrupted');
  const again = await product.run('start', '--detach', '--continue-from', 'lost', '--experiments', '5');
  expect(again).toMatchObject({ exitCode: 0, stdout: 'lost' });
  expect((await product.ended('lost')).status).toBe('done');
  expect((await product.records('lost')).map(({ experiment }) => experiment)).toEqual([1, 2, 3, 4, 5]);
  const ids = startedTrials(product, 'lost');
  const all = ['lost/0/1', ...[1, 2, 3, 4, 5].map((n) => `lost/${n}/1`)];
  expect([...new Set(ids)]).toEqual(all);
  expect(ids.length - all.length).toBeLessThanOrEqual(1); // what no server knew for a while was ended, and ran again
  expect((await product.records('lost')).flatMap(({ trials }) => trials.map(({ value }) => value))).not.toContain(null);
  expect((await product.run('verify', 'lost')).exitCode).toBe(0);
  expect((await product.run('start', '--detach', '--continue-from', 'lost', '--trial-seconds', '9')).exitCode).toBe(2);
}, 300_000);
