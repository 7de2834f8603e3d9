import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import { keptRef } from '../../src/domain/names.ts';
import { appendEvent } from '../../src/git/event.ts';
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
