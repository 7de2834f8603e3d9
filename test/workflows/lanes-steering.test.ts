// What a person wants of a session with lanes.
import { expect, it } from 'vitest';
import { pauseUpdate, pinUpdate, resumeUpdate, stopUpdate, vetoUpdate } from '../../workflows/messages.ts';
import { startSession } from '../support/fake-session.ts';
import { createGates } from '../support/gates.ts';
import { LANES, decided, readLedger, scoring, statusOf } from '../support/lanes.ts';
import { until } from '../support/until.ts';

it('a person pauses: what runs goes on, nothing new begins', async () => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 3 },
    { activities: { train: gates.train, ...scoring({}) } },
  );
  await gates.training(1, 2);
  const { handle } = session;
  expect((await handle.executeUpdate(pauseUpdate, { args: [{}] })).status).toBe('pausing');
  gates.open(1);
  await decided(session, 1);
  expect((await statusOf(session)).status).toBe('pausing');
  gates.open(2, 3);
  await until(async () => (await statusOf(session)).status === 'paused');
  expect(gates.begun).toEqual([0, 1, 2]);
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await handle.result();
  expect(readLedger(session.world).records).toHaveLength(3);
});

it.each([
  { now: false, verdict: 'discard' },
  { now: true, verdict: 'undecided' },
])('a person stops all lanes (at once: $now)', async ({ now, verdict }) => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 9 },
    { activities: { train: gates.train, ...scoring({}) } },
  );
  await gates.training(1, 2);
  expect((await session.handle.executeUpdate(stopUpdate, { args: [{ now }] })).status).toBe('stopping');
  if (!now) gates.open(1, 2);
  expect((await session.handle.result()).status).toBe('done');
  expect(readLedger(session.world).records.map((record) => record.verdict)).toEqual([verdict, verdict]);
  expect(session.world.events.at(-1)).toMatchObject({ kind: 'end', reason: 'stopped by a person' });
});

it('a person vetoes what one lane tries, and the other goes on', async () => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 1 },
    { activities: { train: gates.train, ...scoring({}) } },
  );
  await gates.training(1);
  await session.handle.executeUpdate(vetoUpdate, { args: [{ experiment: 1 }] });
  await gates.training(2); // the budget of one experiment has room again
  gates.open(2);
  await session.handle.result();
  expect(readLedger(session.world).records.map(({ verdict }) => verdict)).toEqual(['dropped', 'discard']);
});

it('a person pins: what runs ends first, and what was better than the line before is tried again on the new one', async () => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 4 },
    { activities: { train: gates.train, ...scoring({ 1: 2, 2: 0.9 }) } },
  );
  await gates.training(1, 2);
  gates.open(1);
  await gates.training(2, 3);
  await session.handle.executeUpdate(pinUpdate, { args: [{ experiment: 1 }] });
  gates.open(2, 3, 4);
  await session.handle.result();
  const { records, course } = readLedger(session.world);
  expect(records.map(({ verdict, base }) => `${verdict} on ${base}`)).toEqual([
    'discard on base',
    'keep on base',
    'discard on base',
    'discard on c1-again',
  ]);
  expect(session.world.events.find(({ kind }) => kind === 'moved')).toMatchObject({ after: 3, from: 'c2' });
  expect(course?.incumbent.commit).toBe('c1-again');
});
