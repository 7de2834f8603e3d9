// Ends sessions at each stage of their lives, in each of the ways that there are, and looks for what stays behind.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { stateDirectory } from '../../src/config.ts';
import { folderName } from '../../src/domain/names.ts';
import { environmentOf, listProcesses } from '../../src/trainer/process-table.ts';
import type { Product } from '../support/product.ts';
import { until } from '../support/until.ts';
import { allBack, strike } from './disasters.ts';
import { begin, connect, nextStage, type Stage } from './stages.ts';

/** How a session is ended before its time. */
export const WAYS = {
  'stop --now': async (product, _client, session) => {
    const { exitCode, stderr } = await product.run('stop', session, '--now');
    if (exitCode !== 0) throw new Error(`Expected \`stop --now\` to succeed, got: ${stderr}`);
  },
  cancel: async (_product, client, session) => void (await client.workflow.getHandle(session).cancel()),
  'cancel, workers dead': async (product, client, session) => {
    strike(product, { kills: ['watchdog', 'control-worker', 'device-worker'], signal: 'SIGKILL' });
    await client.workflow.getHandle(session).cancel();
    await allBack(product, session);
  },
  terminate: async (_product, client, session) => void (await client.workflow.getHandle(session).terminate()),
} as const satisfies Record<string, (product: Product, client: Client, session: string) => Promise<void>>;
export type Way = keyof typeof WAYS;

/** On a busy machine a stage may be over before anybody sees it; another session comes to it again. */
const TRIES = 3;

/** Ends one session in this way at each of `stages`; returns everything that was left behind, with the stage. */
export async function cancelAtStages(
  product: Product,
  way: Way,
  stages: readonly Stage[],
  say: (text: string) => void,
): Promise<string[]> {
  const client = await connect(product);
  const left: string[] = [];
  for (const stage of stages) {
    const session = await sessionAt(product, client, stage, way.replaceAll(/\W+/g, '-'));
    if (session === null) {
      left.push(`${stage}: went by unseen`);
      continue;
    }
    await WAYS[way](product, client, session);
    await until(async () => (await client.workflow.getHandle(session).describe()).status.name !== 'RUNNING');
    left.push(...(await leftBehind(product, session)).map((what) => `${stage}: ${what}`));
    say(`${session}: ended`);
  }
  await client.connection.close();
  return left;
}

/** A session that is at this stage right now; null where none was seen there. */
async function sessionAt(product: Product, client: Client, stage: Stage, name: string): Promise<string | null> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const session = `${name}-${stage}-${tries}`;
    await begin(product, session);
    if ((await nextStage(client, session, new Set([stage]), new Set())) !== null) return session;
  }
  return null;
}

/** Waits for the session's processes to be gone and its line to be at the origin; they must, so nothing else ends it. */
async function leftBehind(product: Product, session: string): Promise<string[]> {
  await until(() => processesOf(session).length === 0);
  const { repos } = stateDirectory({ AUTORESEARCH_HOME: product.home });
  const clones = readdirSync(repos).filter((name) => name.endsWith('.git'));
  const line = `refs/heads/autoresearch/${session}`;
  const tip = async (directory: string): Promise<string> =>
    (await execa('git', ['for-each-ref', '--format=%(objectname)', line], { cwd: directory })).stdout;
  for (const clone of clones) await until(async () => (await tip(join(repos, clone))) === (await tip(product.repo)));
  const worktrees = clones.filter((clone) => existsSync(join(repos, clone, 'worktrees')));
  const { exitCode, stdout, stderr } = await product.run('verify', session);
  const unknown = exitCode === 3; // it ended before its first record
  return [...worktrees.map((clone) => `worktree in ${clone}`), ...(exitCode === 0 || unknown ? [] : [stdout + stderr])];
}

/** Trainings by the trial's id, scorers and checks by the folder of what they score. */
const processesOf = (session: string): number[] =>
  listProcesses()
    .map(({ pid }) => pid)
    .filter((pid) =>
      environmentOf(pid).some(
        (entry) =>
          entry.startsWith(`AUTORESEARCH_TRIAL=${session}/`) ||
          (entry.startsWith('AUTORESEARCH_OUT=') && entry.includes(`/trials/${folderName(session)}/`)),
      ),
    );
