// However a session is ended, nothing that it started lives on, and nothing half-done stays in git.
import { Client, Connection } from '@temporalio/client';
import { execa } from 'execa';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import { environmentOf, listProcesses } from '../../src/trainer/process-table.ts';
import { liveTrials } from '../../src/trainer/sweep.ts';
import { createProduct, type Product } from '../support/product.ts';
import { until } from '../support/until.ts';
import { stuckLocks } from './aftermath.ts';

let product: Product;
let client: Client;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 20, stubborn: true });
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  client = new Client({ connection: await Connection.connect({ address }) });
});
afterAll(async () => {
  await client.connection.close();
  await product.close();
});

const trials = (): string => stateDirectory({ AUTORESEARCH_HOME: product.home }).trials;
const ofTrials = (session: string): string[] =>
  listProcesses()
    .filter(({ pid }) => environmentOf(pid).some((entry) => entry.startsWith(`AUTORESEARCH_TRIAL=${session}/`)))
    .map(({ pid }) => String(pid));
const git = async (...args: string[]): Promise<string> => (await execa('git', args, { cwd: product.repo })).stdout;

async function inTraining(session: string): Promise<void> {
  await product.start(session, { experiments: 5 });
  await until(() => product.starts().some((line) => line.startsWith(`${session}/0/1 `)));
  expect(ofTrials(session).length).toBeGreaterThan(1);
}

async function nothingIsLeft(session: string): Promise<void> {
  await until(() => ofTrials(session).length === 0 && liveTrials(trials()).length === 0);
  const { repos } = stateDirectory({ AUTORESEARCH_HOME: product.home });
  for (const clone of readdirSync(repos).filter((name) => name.endsWith('.git')))
    expect(readdirSync(join(repos, clone))).not.toContain('worktrees');
  expect(await git('rev-parse', `autoresearch/${session}`)).toBe(await git('rev-parse', 'main'));
  expect(await git('status', '--porcelain')).toBe('');
  expect(await product.run('verify', session)).toMatchObject({ exitCode: 0, stderr: '' });
}

it('stop --now ends a training that ignores TERM, with its children, and closes the session', async () => {
  await inTraining('stopped');
  expect((await product.run('stop', 'stopped', '--now')).exitCode).toBe(0);
  expect((await product.ended('stopped')).status).toBe('done');
  await nothingIsLeft('stopped');
  // What is wanted is so already; what cannot be any more is said.
  expect(await product.run('stop', 'stopped')).toMatchObject({ exitCode: 0, stdout: 'stopped · done' });
  const paused = await product.run('pause', 'stopped');
  expect(paused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('which has ended') as string });
}, 120_000);

it('a cancellation from outside does the same', async () => {
  await inTraining('cancelled');
  await client.workflow.getHandle('cancelled').cancel();
  await until(async () => (await client.workflow.getHandle('cancelled').describe()).status.name === 'CANCELLED');
  expect((await product.best('cancelled')).experiments.total).toBe(0);
  await nothingIsLeft('cancelled');
}, 120_000);

it('a session that was terminated while its worker was dead is swept when the worker comes back', async () => {
  await inTraining('terminated');
  for (const name of ['watchdog', 'device-worker']) process.kill(product.services()[name] ?? 0, 'SIGKILL');
  await client.workflow.getHandle('terminated').terminate('by a person');
  expect(ofTrials('terminated').length).toBeGreaterThan(1);
  await product.run('up');
  await nothingIsLeft('terminated');
}, 120_000);

it('so is one that was cancelled while no worker lived', async () => {
  await inTraining('orphaned');
  for (const name of ['watchdog', 'device-worker', 'control-worker'])
    process.kill(product.services()[name] ?? 0, 'SIGKILL');
  await client.workflow.getHandle('orphaned').cancel();
  expect(ofTrials('orphaned').length).toBeGreaterThan(1);
  await product.run('up');
  await until(async () => (await client.workflow.getHandle('orphaned').describe()).status.name === 'CANCELLED');
  await nothingIsLeft('orphaned');
}, 120_000);

it('leaves no process and no lock behind after all of that', async () => {
  await product.run('down');
  expect(stuckLocks(product)).toEqual([]);
  expect(listProcesses().filter(({ pid }) => environmentOf(pid).some((one) => one.includes(product.home)))).toEqual([]);
});
