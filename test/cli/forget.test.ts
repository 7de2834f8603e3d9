import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import { keptRef } from '../../src/domain/names.ts';
import { appendEvent } from '../../src/git/event.ts';
import { trialDirectory } from '../../src/trainer/trial-directory.ts';
import { sessionSeeds } from '../../src/seeds.ts';
import { newNight, OPENING, tamper, type NightOptions } from '../git/night.ts';
import { at, newFolder } from '../git/sandbox.ts';
import type { SessionClient } from '../../src/client.ts';
import type { StatusReport } from '../../src/domain/report.ts';
import { fakeClient, fakeFeed, named, run, type Ran } from './fakes.ts';

beforeEach(async () => {
  for (const folder of [stateDirectory().repos, stateDirectory().trials])
    await rm(folder, { recursive: true, force: true });
});

/** A night in a home clone of this machine. */
async function atHome(options: NightOptions = {}) {
  const { clone, tag, origin } = await newNight(options);
  const home = join(stateDirectory().repos, `${tag}.git`);
  await cp(clone, home, { recursive: true });
  return { home, tag, origin };
}

/** Forgets a session's part of this machine; with every process down, where there is no client. */
async function forget(name: string, client: SessionClient | null = null): Promise<Ran> {
  const cwd = await newFolder();
  return run(['forget', name, '--yes', '--keep-origin'], {
    cwd,
    openFeed: async () => fakeFeed({ client }),
  });
}

test('forgets a session that has ended, with every process down', async () => {
  const { home, tag } = await atHome();
  expect(await forget('night')).toEqual({ code: 0, out: 'night is forgotten.\n', err: '' });
  expect(await at(home, keptRef(tag))).toBeUndefined();
});

test('leaves a session alone that was continued after its end, while nobody can say whether it runs', async () => {
  const { home, tag } = await atHome();
  const event = { version: 1, kind: 'continued', at: '2025-11-24T07:00:00Z', input: {} } as const;
  await appendEvent({ clone: home, tag, index: 3, event });
  const { code, err } = await forget('night');
  expect([code, err]).toEqual([2, expect.stringContaining('run `npx autoresearch up` first')]);
  expect(await at(home, keptRef(tag))).toBeDefined();
});

test('ends a training that still runs before it takes its files', async () => {
  await atHome({});
  const { trials } = stateDirectory();
  mkdirSync(trials, { recursive: true });
  const trial = trialDirectory(realpathSync(trials), { session: 'night', experiment: 2, trial: 1 });
  mkdirSync(trial.out, { recursive: true });
  const spec = { id: 'night/2/1', command: 'sleep 60', cwd: '.', env: {}, device: 'cpu', deviceLock: '/tmp/no.lock' };
  writeFileSync(trial.spec, JSON.stringify({ ...spec, seconds: 60, startupSeconds: 0, stallSeconds: 60 }));
  const env = { ...process.env, AUTORESEARCH_TRIAL: 'night/2/1', AUTORESEARCH_OUT: trial.out };
  const training = spawn('sleep', ['60'], { env, detached: true, stdio: 'ignore' });
  const ended = once(training, 'exit');
  try {
    expect(await forget('night')).toMatchObject({ code: 0, err: '' });
    expect(training.signalCode ?? (await ended)[1]).toBe('SIGKILL');
    expect(existsSync(trial.root)).toBe(false);
  } finally {
    training.kill('SIGKILL');
  }
});

test('leaves no key of its seeds behind', async () => {
  await atHome();
  const { keys } = stateDirectory();
  const before = sessionSeeds(keys, 'night');
  expect(sessionSeeds(keys, 'night')).toEqual(before);
  await forget('night');
  expect(sessionSeeds(keys, 'night')).not.toEqual(before);
});

test('says what it cannot find', async () => {
  await atHome();
  const { code, err } = await forget('day');
  expect([code, err]).toEqual([3, expect.stringContaining('a session that this machine holds, got "day"')]);
});

const AWAY = fakeClient({
  outcome: async (session) => {
    throw named('UnknownSession', session);
  },
  list: async () => [],
  forget: async () => {},
});

test.each(['a record', 'its opening'])(
  'forgets a session where %s is damaged, once a server can say that it has ended',
  async (what) => {
    const { home, tag } = await atHome();
    await tamper(home, tag, what === 'a record' ? { 'experiments/00/1.json': '{' } : { [OPENING]: '{' });
    const alone = await forget(tag);
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('a ledger that cannot be read')]);
    expect(await forget(tag, AWAY)).toEqual({ code: 0, out: `${tag} is forgotten.\n`, err: '' });
    expect(await at(home, keptRef(tag))).toBeUndefined();
  },
);

test('knows an open session by its branch, where its opening does not tell its id', async () => {
  const { home, tag } = await atHome({ ended: false });
  await tamper(home, tag, { [OPENING]: '{' });
  const open = { session: 'another id', open: true, outcome: 'running', status: null, startedAt: '' };
  const status = { session: 'another id', branch: `autoresearch/${tag}` } as StatusReport;
  const { code, err } = await forget(tag, { ...AWAY, list: async () => [open], status: async () => status });
  expect([code, err]).toEqual([2, expect.stringContaining('stop --now another id')]);
  expect(await at(home, keptRef(tag))).toBeDefined();
});
