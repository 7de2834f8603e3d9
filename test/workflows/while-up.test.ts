// A proposer that is down: it is asked again, never in a hurry, and holds up nothing that can be done without it.
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Activities, ProposeInput } from '../../activities/contract.ts';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import type { researchSession } from '../../workflows/index.ts';
import {
  auditUpdate,
  hintUpdate,
  patchUpdate,
  pauseUpdate,
  pinUpdate,
  resumeUpdate,
  reviewUpdate,
  statusQuery,
  stopUpdate,
} from '../../workflows/messages.ts';
import { historyTexts } from '../replay/history.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { startFakeWorld } from '../support/fake-world.ts';
import { startShortRunServer, type ShortRunServer } from '../support/short-run-server.ts';
import { until } from '../support/until.ts';

let shortRuns: ShortRunServer | undefined;
beforeAll(async () => {
  shortRuns = await startShortRunServer(4);
});
afterAll(async () => shortRuns?.stop());

const DOWN = { kind: 'down', reason: 'The API answers 529: overloaded' } as const;
const DIFF = '--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-A = 1\n+A = 2\n';

/** Has no ideas after its first; what needs none is proposed all the same. Each later experiment is better. */
const downAfterOne = (asked: ProposeInput[]): Partial<Activities> => ({
  propose: async (input) => {
    asked.push(input);
    const { experiment, base, patch, accepted, parent } = input;
    const isIdea = patch === undefined && accepted === undefined && parent === undefined && !input.rebase;
    if (isIdea && experiment > 1) return DOWN;
    return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: patch?.hypothesis ?? 'an idea' };
  },
  evaluate: async ({ experiment }) => ({ kind: 'value', value: 1 - experiment / 10, metrics: {}, tier: 'B' }),
});

const isDown = ({ handle }: FakeSession) =>
  until(async () => (await handle.query(statusQuery)).notices?.some((notice) => notice.startsWith(DOWN.reason)));

it.each([
  { lookahead: 0, parallel: 1 },
  { lookahead: 3, parallel: 2 },
])('does whatever a person wants meanwhile: $lookahead ahead, $parallel at once', async (lanes) => {
  const asked: ProposeInput[] = [];
  const input = { experiments: 9, proposer: 'anthropic', ...lanes };
  const options = { activities: downAfterOne(asked) };
  const session = await startSession(input, options);
  const { handle, world } = session;
  await isDown(session);
  await handle.executeUpdate(patchUpdate, { args: [{ diff: DIFF, hypothesis: 'twice as much' }] });
  await until(() => world.ended.some(({ hypothesis }) => hypothesis === 'twice as much'));
  expect((await handle.query(statusQuery)).waitingProposals).toBe(0);
  await handle.executeUpdate(reviewUpdate, { args: [{ experiment: 1, decision: 'accepted' }] });
  await until(() => world.ended.some(({ accepted }) => accepted === 1));
  await handle.executeUpdate(auditUpdate, { args: [{}] });
  await until(() => world.events.some(({ kind }) => kind === 'audit'));
  await handle.executeUpdate(pinUpdate, { args: [{ experiment: 1 }] });
  await until(() => world.events.some(({ kind }) => kind === 'moved'));
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  expect((await handle.result()).status).toBe('done');
  const numbers = world.ended.map(({ experiment }) => experiment).toSorted((left, right) => left - right);
  expect(numbers).toEqual(numbers.map((_, k) => k + 1));
});

it('a wish waits for the ideas that are being made, and for none that would begin meanwhile', async () => {
  const begun = new Set<number>();
  // Of two that are thought of at once one is always under way: each ends when the next has begun, or nobody begins it.
  const propose: Activities['propose'] = async ({ experiment, base, patch }) => {
    begun.add(experiment);
    if (patch === undefined) {
      const since = Date.now();
      await until(() => begun.has(experiment + 1) || Date.now() - since > 1000);
    }
    return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: patch?.hypothesis ?? 'an idea' };
  };
  const input = { experiments: 30, proposer: 'anthropic', lookahead: 2, parallel: 2 } as const;
  const { handle, world } = await startSession(input, { activities: { propose } });
  await until(() => world.ended.length > 1);
  await handle.executeUpdate(patchUpdate, { args: [{ diff: DIFF, hypothesis: 'twice as much' }] });
  const already = Math.max(...begun);
  const wished = await until(() => world.ended.find(({ hypothesis }) => hypothesis === 'twice as much'));
  expect(wished.experiment).toBeLessThanOrEqual(already + 3);
  await handle.executeUpdate(stopUpdate, { args: [{ now: true }] });
  await handle.result();
});

it('asks nobody while it is paused, and with the newest hints after that', async () => {
  const asked: ProposeInput[] = [];
  const session = await startSession({ experiments: 9, proposer: 'anthropic' }, { activities: downAfterOne(asked) });
  const { handle, world } = session;
  await isDown(session);
  await until(() => world.ended.length === 1);
  await handle.executeUpdate(pauseUpdate, { args: [{}] });
  await until(async () => (await handle.query(statusQuery)).status === 'paused');
  await handle.executeUpdate(hintUpdate, { args: [{ text: 'a smaller batch' }] });
  const before = asked.length;
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await until(() => asked.length > before);
  expect(asked.slice(before)[0]).toMatchObject({ experiment: 2, hints: ['a smaller batch'] });
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  await handle.result();
});

it('waits out an outage in run after run, with the number that it had', async () => {
  const asked: number[] = [];
  const place = { address: shortRuns?.address ?? '', workflowBundlePath: inject('workflowBundlePath') };
  const propose: Activities['propose'] = async ({ experiment, base }) => {
    asked.push(experiment);
    if (asked.length <= 3) return { ...DOWN, afterMs: 0 };
    return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: 'an idea' };
  };
  const world = await startFakeWorld(place, { activities: { propose } });
  try {
    const args = [{ experiments: 1, calibration: 1, rule: 'greedy', proposer: 'anthropic' }];
    const options = { workflowId: 'an-outage', taskQueue: CONTROL_QUEUE, args };
    const { firstExecutionRunId } = await world.client.workflow.start('researchSession', options);
    const handle = world.client.workflow.getHandle<typeof researchSession>('an-outage');
    expect((await handle.result()).experiments).toMatchObject({ total: 1, dropped: 0 });
    expect(asked).toEqual([1, 1, 1, 1]);
    expect(world.ended).toHaveLength(1);
    expect((await historyTexts(world.client, 'an-outage', firstExecutionRunId)).length).toBeGreaterThan(3);
  } finally {
    await world.stop();
  }
});

it('waits as long as its API says, but never less than it would by itself, nor longer than a minute', async () => {
  const says = [0, 30_000];
  const session = await startSession(
    { experiments: 1, calibration: 1, lookahead: 0, proposer: 'anthropic' },
    { activities: { propose: async () => ({ ...DOWN, afterMs: says.shift() ?? 90_000 }) } },
  );
  const { handle } = session;
  const pauses = await until(async () => {
    const { events } = await handle.fetchHistory();
    const timers = (events ?? []).flatMap((event) => event.timerStartedEventAttributes?.startToFireTimeout ?? []);
    return timers.length === 2 && timers.map(({ seconds }) => Number(seconds));
  });
  expect(pauses).toEqual([2, 30]);
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  await handle.result();
});
