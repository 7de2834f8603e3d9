// A session whose proposer is a person's own command: real processes, a real server.
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stateDirectory } from '../../../src/config.ts';
import { environmentOf, listProcesses } from '../../../src/trainer/process-table.ts';
import { createProduct, type Product } from '../../support/product.ts';
import { until } from '../../support/until.ts';

let product: Product;
let client: Client;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1 });
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  client = new Client({ connection: await Connection.connect({ address }) });
});
afterAll(async () => {
  await client.connection.close();
  await product.close();
});

/** Says that it begins, thinks for so long, and raises the rate: a step further each time, since it is told its number. */
const agent = (seconds: number): string =>
  [
    `echo "agent $AUTORESEARCH_TRIAL" > ${join(product.folder, 'marks', 'pipe')}`,
    `setsid sleep ${seconds} & sleep ${seconds}`,
    String.raw`n=$(sed -n 's/^Propose experiment \([0-9]*\).*/\1/p')`,
    'sed -i "s/^LEARNING_RATE = .*/LEARNING_RATE = 0.1$n/" train.py',
    'echo "HYPOTHESIS: a rate of 0.1$n"',
  ].join('; ');

const startsOf = (session: string): string[] => product.starts().filter((line) => line.startsWith(`agent ${session}/`));

async function atWork(session: string, seconds: number): Promise<void> {
  const options = ['--proposer', 'command', '--command', agent(seconds), '--lookahead', '0'];
  await product.start(session, { experiments: 2 }, ...options);
  await until(() => startsOf(session).length === 1);
}

/** The agent's own, and what it started. */
const processesOf = (session: string): number[] => {
  const { proposals } = stateDirectory({ AUTORESEARCH_HOME: product.home });
  const place = `AUTORESEARCH_OUT=${join(proposals, session)}/`;
  return listProcesses()
    .filter(({ pid }) => environmentOf(pid).some((entry) => entry.startsWith(place)))
    .map(({ pid }) => pid);
};

it('a worker that dies costs no agent’s work: the next one takes it over', async () => {
  await atWork('helped', 3);
  process.kill(product.services()['control-worker'] ?? 0, 'SIGKILL'); // and the watchdog starts another
  expect((await product.ended('helped')).status).toBe('done');

  const records = await product.records('helped');
  expect(records.map(({ hypothesis }) => hypothesis)).toEqual(['a rate of 0.11', 'a rate of 0.12']);
  expect(startsOf('helped')).toHaveLength(2);
  const shown = await product.run('show', '1', 'helped', '--prompt');
  expect(shown.stdout).toMatch(/LEARNING_RATE = 0\.01.*what it said last.*a rate of 0\.11/s);
  expect((await product.run('verify', 'helped')).exitCode).toBe(0);
}, 120_000);

it('stop --now ends an agent with all that it started', async () => {
  await atWork('stopped', 600);
  expect(processesOf('stopped').length).toBeGreaterThan(1);
  expect((await product.run('stop', 'stopped', '--now')).exitCode).toBe(0);
  expect((await product.ended('stopped')).status).toBe('done');
  await until(() => processesOf('stopped').length === 0);
}, 120_000);

it('an agent whose session was terminated while no worker lived is swept when the worker comes back', async () => {
  await atWork('terminated', 600);
  const names = ['watchdog', 'control-worker'];
  for (const name of names) process.kill(product.services()[name] ?? 0, 'SIGKILL');
  await client.workflow.getHandle('terminated').terminate('by a person');
  expect(processesOf('terminated').length).toBeGreaterThan(1);
  await product.run('up');
  await until(() => processesOf('terminated').length === 0);
}, 120_000);
