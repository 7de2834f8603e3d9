import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { appendEvent } from '../src/git/event.ts';
import { ledgersHere } from '../src/ledgers.ts';
import { newNight, OPENING, tamper } from './git/night.ts';
import { openEvent } from './git/sandbox.ts';

it('a ledger that cannot be read keeps nobody from the others', async () => {
  const { clone, base } = await newNight();
  await appendEvent({ clone, tag: 'other', index: 0, event: openEvent(base, 'other') });
  await tamper(clone, 'night', { [OPENING]: 'no JSON' });
  const { found, damaged } = await ledgersHere({ repos: dirname(clone) });
  expect(found.map(({ open }) => open.session)).toEqual(['other']);
  expect(damaged.map(({ tag, error }) => [tag, error.message])).toEqual([['night', expect.stringContaining(OPENING)]]);
});
