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
import { createLedgers } from '../../src/ledgers.ts';
import { newNight, type NightOptions } from '../git/night.ts';
import { at, newFolder } from '../git/sandbox.ts';
import { fakeFeed, run, type Ran } from './fakes.ts';

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

/** Forgets `night` with every process down. */
async function forget(...more: readonly string[]): Promise<Ran> {
  const cwd = await newFolder();
  return run(['forget', 'night', '--yes', ...more], {
    cwd,
    openFeed: async () => fakeFeed({ ledger: createLedgers(cwd).find }),
  });
}

test('forgets a session that has ended, with every process down', async () => {
  const { home, tag } = await atHome();
  expect(await forget('--keep-origin')).toEqual({ code: 0, out: 'night is forgotten.\n', err: '' });
  expect(await at(home, keptRef(tag))).toBeUndefined();
});

test('leaves a session alone that was continued after its end, while nobody can say whether it runs', async () => {
  const { home, tag } = await atHome();
  const event = { version: 1, kind: 'continued', at: '2025-11-24T07:00:00Z', input: {} } as const;
  await appendEvent({ clone: home, tag, index: 3, event });
  const { code, err } = await forget('--keep-origin');
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
    expect(await forget('--keep-origin')).toMatchObject({ code: 0, err: '' });
    expect(training.signalCode ?? (await ended)[1]).toBe('SIGKILL');
    expect(existsSync(trial.root)).toBe(false);
  } finally {
    training.kill('SIGKILL');
  }
});
