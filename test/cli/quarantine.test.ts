import { expect, test } from 'vitest';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { fakeClient, fakeFeed, run } from './fakes.ts';
import { record } from './samples.ts';

const held = (n: number) =>
  record(n, { verdict: 'quarantine', gain: 0.4, reason: 'it left 2 of its processes running' });
const reviewed: LedgerEvent = { version: 1, kind: 'reviewed', at: '2026-01-01', experiment: 7, decision: 'rejected' };

/** A session with 7 (rejected) and 12 in quarantine, whose server notes what it is told. */
function world() {
  const told: unknown[] = [];
  const update = async (...asked: unknown[]) => (told.push(asked), { status: 'running' });
  const openFeed = async () => {
    const feed = fakeFeed({ client: fakeClient({ update }) }, [held(7), record(8), held(12)]);
    const found = await feed.ledger((await feed.sessions())[0]?.session ?? 'byte-lm-nov23');
    if (found === null) throw new Error('Expected a ledger.');
    const ledger = { ...found.ledger, events: [...found.ledger.events, reviewed] };
    return { ...feed, ledger: async () => ({ ...found, ledger }) };
  };
  return { told, openFeed };
}

test('lists what is in quarantine with the reason and what was decided', async () => {
  const { openFeed } = world();
  const { code, out } = await run(['quarantine'], { openFeed });
  expect(code).toBe(0);
  expect(out).toMatch(/^7 +rejected .*it left 2/m);
  expect(out).toMatch(/^12 +open /m);
  expect(out).not.toMatch(/^8 /m);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  const json = JSON.parse((await run(['quarantine', 'list', '--json'], { openFeed })).out);
  expect(json.quarantine).toMatchObject([
    { experiment: 7, decision: 'rejected' },
    { experiment: 12, decision: 'open' },
  ]);
});

test('tells the session what a person decides', async () => {
  const { told, openFeed } = world();
  const { code, out } = await run(['quarantine', 'accept', '12'], { openFeed });
  expect([code, out]).toEqual([0, 'byte-lm-nov23 · experiment 12 accepted; its edit is tried once more\n']);
  await run(['quarantine', 'reject', '12', 'byte-lm-nov23'], { openFeed });
  expect(told).toEqual([
    ['byte-lm-nov23', 'review', { experiment: 12, decision: 'accepted' }],
    ['byte-lm-nov23', 'review', { experiment: 12, decision: 'rejected' }],
  ]);
});

test.each([
  ['8', 'got 8'],
  ['x', 'got x'],
  ['7', 'got 7, which was rejected'],
])('refuses %s, which is not in quarantine or is decided', async (given, words) => {
  const { told, openFeed } = world();
  const { code, err } = await run(['quarantine', 'accept', given], { openFeed });
  expect([code, told]).toEqual([2, []]);
  expect(err).toBe(`Expected an experiment in quarantine that nobody has decided of (12 is), ${words}.\n`);
});
