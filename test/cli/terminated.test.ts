// A session that somebody ended on the server, as the UI can, and a session without anybody to hear: the real server.
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import { openFeed } from '../../src/feed.ts';
import { statusQuery } from '../../workflows/messages.ts';
import { newNight } from '../git/night.ts';
import { newFolder } from '../git/sandbox.ts';
import { startSession } from '../support/fake-session.ts';
import { until } from '../support/until.ts';
import { run } from './fakes.ts';

afterEach(() => vi.unstubAllEnvs());

/** A session in the middle of its baseline, on a server that the command line finds. */
async function training() {
  const gate = new EventEmitter();
  const held = once(gate, 'open');
  const { handle, world } = await startSession(
    {},
    { activities: { evaluate: async () => (await held, { kind: 'value', value: 1, metrics: {}, tier: 'B' }) } },
  );
  await until(async () => (await handle.query(statusQuery)).running?.stage === 'evaluate');
  vi.stubEnv('TEMPORAL_ADDRESS', inject('temporalAddress'));
  vi.stubEnv('TEMPORAL_NAMESPACE', world.client.options.namespace);
  const cwd = await newFolder();
  return { handle, world, free: () => gate.emit('open'), more: { cwd, openFeed: () => openFeed(cwd) } };
}

/** The patience of a person, shortened. */
const sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  expect(milliseconds).toBe(2000);
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, 200);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve(undefined)));
  });
};

async function refuse(): Promise<never> {
  throw ApplicationFailure.nonRetryable('Expected a key, got none.', 'InvalidInput');
}

test('a session whose continuation was refused shows what git has of it, and why it did not go on', async () => {
  const { handle, world } = await startSession({}, { activities: { open: refuse } });
  await handle.result().catch(() => {});
  vi.stubEnv('TEMPORAL_ADDRESS', inject('temporalAddress'));
  vi.stubEnv('TEMPORAL_NAMESPACE', world.client.options.namespace);
  const { clone } = await newNight({ tag: handle.workflowId });
  await mkdir(stateDirectory().repos, { recursive: true });
  await cp(clone, join(stateDirectory().repos, 'refused.git'), { recursive: true });
  const cwd = await newFolder();
  const more = { cwd, openFeed: () => openFeed(cwd) };
  const { out } = await run(['status', handle.workflowId], more);
  expect(out).toMatch(/· failed\n.*5 experiments.*failed: Expected a key, got none\./s);
});

test('a session that was terminated shows what git has, and that word; following it ends', async () => {
  const { handle, free, more } = await training();
  const session = handle.workflowId;
  try {
    await handle.terminate('from the UI');
    // Before git has anything of it, too.
    expect((await run(['status', session], more)).out).toMatch(
      new RegExp(`^${session} · terminated\n! .*terminated:`, 's'),
    );
    const { clone } = await newNight({ tag: session, ended: false });
    await mkdir(stateDirectory().repos, { recursive: true });
    await cp(clone, join(stateDirectory().repos, 'terminated.git'), { recursive: true });
    const { out } = await run(['status', session], more);
    expect(out).toContain(`${session} · terminated`);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(`npx autoresearch start --continue-from ${session} goes on`);
    expect(out).not.toContain('calibrating');
    expect(out).toContain('5 experiments');
    expect(JSON.parse((await run(['status', session, '--json'], more)).out)).toMatchObject({
      status: 'terminated',
      source: 'git',
      warnings: [expect.stringContaining('terminated: it was ended on the server')],
    });
    const { code, err } = await run(['watch', session], more);
    expect([code, err]).toEqual([
      1,
      `${session} ended terminated: it was ended on the server, and nothing more comes\n`,
    ]);
    const [first] = (await run(['watch', session, '--json'], more)).out.split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ event: 'status', session, status: 'terminated' });
  } finally {
    free();
  }
});

test('`stop --now` without a control worker says so, and the server keeps it', async () => {
  const address = inject('temporalAddress');
  vi.stubEnv('TEMPORAL_ADDRESS', address);
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  const workflowId = `test-${randomUUID()}`;
  const handle = await workflow.start('researchSession', { workflowId, taskQueue: 'nobody', args: [{}] });
  const { code, out, err } = await run(['stop', '--now', workflowId], { openFeed, sleep });
  expect([code, err]).toEqual([0, 'no control worker answers; the server keeps the stop for the next one …\n']);
  expect(out).toContain('will stop as soon as a control worker is back');
  const { events } = await handle.fetchHistory();
  const signals = (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
  expect(signals.map(({ signalName }) => signalName)).toEqual(['stop']);
  expect(String(signals[0]?.input?.payloads?.[0]?.data)).toContain('"now":true');
  await handle.terminate();
  await connection.close();
});
