// Which session is the newest, and how it stands, when an id has several runs on the server: the real server.
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { afterEach, expect, inject, test, vi } from 'vitest';
import type { Scored } from '../src/domain/scored.ts';
import { stateDirectory } from '../src/config.ts';
import type { OpenEvent } from '../src/domain/ledger.ts';
import { CONTROL_QUEUE } from '../src/domain/names.ts';
import { openFeed, type Feed } from '../src/feed.ts';
import { appendEvent } from '../src/git/event.ts';
import { git } from '../src/git/git.ts';
import { openHomeClone } from '../src/git/home-clone.ts';
import { trialDirectory } from '../src/trainer/trial-directory.ts';
import { statusQuery } from '../workflows/messages.ts';
import { newFolder, newRepo, openEvent } from './git/sandbox.ts';
import { startSession } from './support/fake-session.ts';
import { startFakeWorld, type FakeWorld } from './support/fake-world.ts';
import { startShortRunServer } from './support/short-run-server.ts';
import { until } from './support/until.ts';

/** At the end of each experiment. */
const CONTINUE_AT = 4;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  vi.unstubAllEnvs();
});

/** What commands read, of a server and a namespace. */
async function feedOf(address: string, { client }: FakeWorld): Promise<Feed> {
  vi.stubEnv('TEMPORAL_ADDRESS', address);
  vi.stubEnv('TEMPORAL_NAMESPACE', client.options.namespace);
  const feed = await openFeed(await newFolder());
  ends.push(feed.close);
  return feed;
}

const start = (world: FakeWorld, workflowId: string, input: object, taskQueue = CONTROL_QUEUE) =>
  world.client.workflow.start('researchSession', { workflowId, taskQueue, args: [input] });

/** Waits until the server's list, which comes a moment later, has the newest run of each session. */
const listed = (feed: Feed, session: string, startedAt: Date) =>
  until(async () =>
    (await feed.client?.list())?.some((one) => one.session === session && new Date(one.startedAt) >= startedAt),
  );

const runOf = async (handle: WorkflowHandle): Promise<{ runId: string; startTime: Date }> => handle.describe();

/** Holds every scoring until the gate is opened. */
function gated() {
  const gate = new EventEmitter();
  const held = once(gate, 'open');
  const evaluate = async (): Promise<Scored> => (await held, { kind: 'value', value: 1, metrics: {}, tier: 'B' });
  const open = (): boolean => gate.emit('open');
  ends.push(open); // also where a test fails: a worker waits for what it has begun
  return { open, activities: { evaluate } };
}

test('a session that was started again under its id is listed once, as its newest run is', async () => {
  const { activities } = gated();
  const { handle, world } = await startSession({ hours: -1 }, { activities });
  await expect(handle.result()).rejects.toThrow('execution failed');
  const again = await start(world, handle.workflowId, { experiments: 1 });
  const feed = await feedOf(inject('temporalAddress'), world);
  await listed(feed, handle.workflowId, (await runOf(again)).startTime);
  await until(async () => (await again.query(statusQuery)).status === 'calibrating');
  const sessions = await feed.sessions();
  expect(sessions.map(({ session, status }) => [session, status])).toEqual([[handle.workflowId, 'calibrating']]);
});

test('without a name the session that began last is meant, also when one before it has continued as new', async () => {
  const server = await startShortRunServer(CONTINUE_AT);
  ends.push(server.stop);
  const { open, activities } = gated();
  const world = await startFakeWorld(
    { address: server.address, workflowBundlePath: inject('workflowBundlePath') },
    { activities },
  );
  ends.push(world.stop);
  const [first, second] = [`first-${randomUUID()}`, `second-${randomUUID()}`];
  const older = await start(world, first, { experiments: 2, rule: 'greedy', calibration: 1 });
  const began = await runOf(older);
  await opened(first, began.startTime);
  const other = await start(world, second, {}, 'nobody');
  const newer = await runOf(other);
  await other.terminate();
  open();
  const goesOn = await until(async () => {
    const run = await runOf(world.client.workflow.getHandle(first));
    return run.runId !== began.runId && run;
  });
  const feed = await feedOf(server.address, world);
  await listed(feed, second, newer.startTime);
  await listed(feed, first, goesOn.startTime);
  expect(goesOn.startTime.getTime()).toBeGreaterThan(newer.startTime.getTime());
  expect(await feed.resolve()).toBe(second);
  expect((await feed.sessions()).map(({ session }) => session)).toEqual([second, first]);
});

/** Writes a session's opening into a home clone, as `open` does. */
async function opened(session: string, at: Date): Promise<void> {
  const origin = await newRepo();
  const clone = await openHomeClone({ repos: join(stateDirectory().repos), origin });
  const base = await git(origin, ['rev-parse', 'HEAD']);
  const event = { ...(openEvent(base, session) as OpenEvent), at: at.toISOString() };
  await appendEvent({ clone, tag: session, index: 0, event });
}

test('a log is read from the trial that printed last on this machine, without a server', async () => {
  const feed = await openFeed(await newFolder());
  ends.push(feed.close);
  const session = `night-${randomUUID()}`;
  const { root, log } = trialDirectory(stateDirectory().trials, { session, experiment: 0, trial: 3 });
  mkdirSync(root, { recursive: true });
  writeFileSync(log, 'done\n');
  expect(await feed.lastTrial(session, 0)).toBe(3);
  expect(await feed.trialLog(session, 0, 3)).toBe('done\n');
});
