// How soon a session moves again after its workers died, and how soon a training is gone when a person ends its session.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { environmentOf, listProcesses } from '../src/trainer/process-table.ts';
import { begin, nextStage, type Stage } from '../test/drills/stages.ts';
import { createProduct, type Product, type ProductOptions } from '../test/support/product.ts';
import { closing } from './closing.ts';
import { seconds } from './figures.ts';
import { atMost, type Bench, type Part } from './part.ts';

const ROUNDS = 3;
const LOOK_MS = 50;
const PATIENCE_MS = 120_000;
/** Seconds; from a new worker's first word to what is measured. */
const BOUNDS = { term: 5, kill: 20, control: 12, stop: 3, stubborn: 15 } as const;

/** What the control worker does of an experiment; it is killed at each. */
const VERBS = ['open', 'record', 'propose', 'commit', 'revert'] as const satisfies readonly Stage[];

const timesSchema = z.object({
  term: z.array(z.number()),
  kill: z.array(z.number()),
  control: z.array(z.number()),
  stop: z.array(z.number()),
  stubborn: z.array(z.number()),
});
type Times = z.output<typeof timesSchema>;

const WORDS: Readonly<Record<keyof Times, string>> = {
  term: "device worker back after SIGTERM: to the adopted training's next heartbeat",
  kill: "device worker back after SIGKILL: to the adopted training's next heartbeat",
  control: `control worker back after SIGKILL at ${VERBS.join(', ')}: to the next event of the session`,
  stop: '`stop --now` to the last process of the training gone',
  stubborn: 'the same for a training that ignores TERM',
};

/** Adoption, resumption and cancellation, the longest of three each. */
export const recoveryPart: Part = {
  name: 'recovery',
  about: 'from a killed worker to the session going on; from a stop to the last process gone',
  measure: async (bench) => {
    const times = await bench.piece(`${ROUNDS} rounds`, timesSchema, () => measure(bench));
    return (Object.keys(WORDS) as (keyof Times)[]).map((name) =>
      atMost(`${WORDS[name]} (longest of ${times[name].length})`, Math.max(...times[name]), BOUNDS[name], seconds),
    );
  },
};

async function measure(bench: Bench): Promise<Times> {
  const times: Times = { term: [], kill: [], control: [], stop: [], stubborn: [] };
  await withProduct({ trialSeconds: 30 }, async (product, client) => {
    for (let round = 1; round <= ROUNDS; round++) {
      await bench.during(`round ${round} of ${ROUNDS}`, async () => {
        const session = await inTraining(product, `round-${round}`);
        times.term.push(await adoption(product, client, session, 'SIGTERM'));
        times.kill.push(await adoption(product, client, session, 'SIGKILL'));
        times.stop.push(await untilGone(product, session));
      });
    }
  });
  await withProduct({ trialSeconds: 1, slow: true }, async (product, client) => {
    const [waiting, seen] = [new Set<Stage>(VERBS), new Set<Stage>()];
    await begin(product, 'verbs', { experiments: 50 });
    while (waiting.size > 0)
      await bench.during(`control worker, killed at ${[...waiting].join(' or ')}`, async () => {
        const verb = await nextStage(client, 'verbs', waiting, seen);
        if (verb === null) throw new Error(`Expected the session to come to ${[...waiting].join(', ')}, got its end.`);
        waiting.delete(verb);
        times.control.push(await resumption(product, client, 'verbs'));
      });
  });
  await withProduct({ trialSeconds: 30, stubborn: true }, async (product) => {
    await bench.during('a training that ignores TERM', async () => {
      times.stubborn.push(await untilGone(product, await inTraining(product, 'stubborn')));
    });
  });
  return times;
}

async function withProduct(
  options: ProductOptions,
  act: (product: Product, client: Client) => Promise<void>,
): Promise<void> {
  const product = await createProduct(options);
  const close = closing(product.close);
  try {
    const { address } = z.object({ address: z.string() }).parse(JSON.parse((await product.run('up', '--json')).stdout));
    const connection = await Connection.connect({ address });
    await act(product, new Client({ connection }));
    await connection.close();
  } finally {
    await close();
  }
}

async function inTraining(product: Product, session: string): Promise<string> {
  const options = ['--id', session, '--tag', session, '--experiments', '500', '--calibration', '1', '--rule', 'greedy'];
  const { exitCode, stderr } = await product.run('start', '--detach', ...options);
  if (exitCode !== 0) throw new Error(`Expected a session to start, got: ${stderr}`);
  await soon(() => product.starts().some((line) => line.startsWith(`${session}/0/1 `)));
  return session;
}

async function adoption(product: Product, client: Client, session: string, signal: NodeJS.Signals): Promise<number> {
  const since = await comesBack(product, 'device-worker', signal);
  return waited(since, async () => {
    const { raw } = await client.workflow.getHandle(session).describe();
    const beats = (raw.pendingActivities ?? []).map(({ lastHeartbeatTime }) => millisecondsOf(lastHeartbeatTime));
    return beats.some((beat) => beat > since);
  });
}

async function resumption(product: Product, client: Client, session: string): Promise<number> {
  const since = await comesBack(product, 'control-worker', 'SIGKILL');
  const length = async (): Promise<number> => (await client.workflow.getHandle(session).describe()).historyLength ?? 0;
  const before = await length();
  return waited(since, async () => (await length()) > before);
}

async function untilGone(product: Product, session: string): Promise<number> {
  const since = Date.now();
  const stopping = product.run('stop', session, '--now');
  const carries = (pid: number): boolean =>
    environmentOf(pid).some((entry) => entry.startsWith(`AUTORESEARCH_TRIAL=${session}/`));
  const time = await waited(since, async () => !listProcesses().some(({ pid }) => carries(pid)));
  await stopping;
  return time;
}

/** Ends a worker, lets `up` start the next, and answers when that one said that it is ready, in milliseconds since 1970. */
async function comesBack(product: Product, name: string, signal: NodeJS.Signals): Promise<number> {
  const old = product.services()[name] ?? 0;
  process.kill(old, signal);
  await soon(() => !listProcesses().some(({ pid }) => pid === old));
  await product.run('up');
  let ready = 0;
  await soon(() => {
    const pid = product.services()[name];
    const lines = readFileSync(join(product.home, 'logs', `${name}.log`), 'utf8').split('\n');
    const line = lines.find((one) => one.includes(`"pid":${pid},`) && one.includes('worker ready'));
    if (line !== undefined) ready = z.object({ time: z.number() }).parse(JSON.parse(line)).time;
    return line !== undefined;
  });
  return ready;
}

async function waited(since: number, ready: () => Promise<boolean>): Promise<number> {
  await soon(ready);
  return Math.max(0, Date.now() - since) / 1000;
}

async function soon(ready: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await ready())) {
    if (Date.now() > deadline) throw new Error('Expected it to come within two minutes, got nothing.');
    await sleep(LOOK_MS);
  }
}

type Time = { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined;
const millisecondsOf = (time: Time): number => Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
