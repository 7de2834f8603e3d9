// A session that tries nothing before a person has said yes, or their time to say so is over.
import { expect, it } from 'vitest';
import {
  approveUpdate,
  patchUpdate,
  pauseUpdate,
  resumeUpdate,
  statusQuery,
  vetoUpdate,
} from '../../workflows/messages.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { until } from '../support/until.ts';

const asksAbout = ({ handle }: FakeSession, experiment: number) =>
  until(async () => {
    const { notices = [] } = await handle.query(statusQuery);
    return notices.find((notice) => notice.startsWith(`Experiment ${experiment} waits for your yes: `));
  });
const trainedOf = ({ world }: FakeSession) =>
  world.ended.map(({ experiment, verdict, reason, trials }) => [
    experiment,
    verdict === 'dropped' ? reason : trials.length,
  ]);

it('tries what a person said yes to, drops what they said no to, and asks of none of theirs', async () => {
  const session = await startSession({ approve: true, experiments: 3 }, {});
  const { handle } = session;
  expect(await asksAbout(session, 1)).toContain('`approve 1`, or `veto 1`');
  const early = handle.executeUpdate(approveUpdate, { args: [{ experiment: 9 }] });
  await expect(early).rejects.toMatchObject({ cause: { message: expect.stringContaining('(1), got 9') as string } });
  await handle.executeUpdate(vetoUpdate, { args: [{ experiment: 1 }] });
  await asksAbout(session, 2);
  await handle.executeUpdate(pauseUpdate, { args: [{}] });
  await until(async () => (await handle.query(statusQuery)).status === 'paused');
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await asksAbout(session, 2);
  const diff = '--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-A = 1\n+A = 2\n';
  await handle.executeUpdate(patchUpdate, { args: [{ diff }] });
  await handle.executeUpdate(approveUpdate, { args: [{ experiment: 2 }] });
  // While that one trains the next is made: a person's own, of which nobody is asked.
  await asksAbout(session, 4);
  await handle.executeUpdate(approveUpdate, { args: [{ experiment: 4 }] });
  await handle.result();
  const ended = trainedOf(session);
  expect(ended[0]).toEqual([1, 'vetoed by a person']);
  expect(ended.slice(1).map(([, trials]) => trials)).toEqual(ended.slice(1).map(() => expect.any(Number)));
});

it.each([
  [
    'drop',
    [
      [1, 'nobody said yes within 0.001 min'],
      [2, 'nobody said yes within 0.001 min'],
    ],
  ],
  [
    'try',
    [
      [1, 1],
      [2, 1],
    ],
  ],
] as const)('goes on by itself where nobody answers in time (%s)', async (approveThen, expected) => {
  const input = {
    approve: true,
    approveMinutes: 0.001,
    approveThen,
    rule: 'greedy',
    experiments: 2,
    lookahead: 0,
  } as const;
  const session = await startSession(input, {});
  if (approveThen === 'drop') await until(() => session.world.ended.length >= 2);
  else await session.handle.result();
  expect(trainedOf(session).slice(0, 2)).toEqual(expected);
  if (approveThen === 'drop') await session.handle.cancel();
});

it('refuses an approval where nobody is asked', async () => {
  const { handle } = await startSession({ experiments: 50 }, {});
  await until(async () => (await handle.query(statusQuery)).status === 'running');
  const sent = handle.executeUpdate(approveUpdate, { args: [{ experiment: 1 }] });
  await expect(sent).rejects.toMatchObject({
    cause: { message: expect.stringContaining('started with `approve`') as string },
  });
  await handle.cancel();
});
