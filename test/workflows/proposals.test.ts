// Proposals of a model between their making and their turn: what it took is remembered, and one that is down holds nobody up.
import { expect, it } from 'vitest';
import type { ModelWork } from '../../src/domain/model-work.ts';
import { patchUpdate, pauseUpdate, statusQuery, stopUpdate, vetoUpdate } from '../../workflows/messages.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { TRAINED, contractOf } from '../support/fake-world.ts';
import { until } from '../support/until.ts';

const WORK: ModelWork = {
  model: 'a-model',
  promptHash: 'p',
  turns: 1,
  inputTokens: 100,
  cachedTokens: 0,
  outputTokens: 10,
  usd: 0.5,
};

it('remembers what a waiting proposal took when it is applied to an incumbent that has moved', async () => {
  const { handle, world } = await startSession(
    { experiments: 2 },
    {
      value: (commit) => (commit === 'base' ? 1 : 0.5),
      activities: {
        propose: async ({ experiment, base, rebase }) => ({
          kind: 'proposal',
          candidate: `c${experiment}${rebase ? '-again' : ''}`,
          base,
          hypothesis: 'an idea',
          ...(!rebase && { work: WORK }),
        }),
      },
    },
  );
  await handle.result();
  expect(world.ended.map(({ candidate, work }) => [candidate, work])).toEqual([
    ['c1', WORK],
    ['c2-again', WORK],
  ]);
  expect((await handle.query(statusQuery)).spent.work).toMatchObject({ usd: 1, tokens: 220 });
});

it('tells what is left for models, and ends by its budget where that does not pay for a proposal', async () => {
  const left: unknown[] = [];
  const { handle, world } = await startSession(
    { experiments: 9, usd: 0.9, tokens: 1000, lookahead: 0, proposer: 'anthropic' },
    {
      activities: {
        propose: async ({ experiment, base, left: said }) => {
          left.push(said);
          if (experiment > 1)
            return { kind: 'dropped', reason: 'too dear', hypothesis: '', needs: { usd: 0.6, tokens: 10 } };
          return { kind: 'proposal', candidate: 'c1', base, hypothesis: 'an idea', work: { ...WORK, usd: 0.4 } };
        },
      },
    },
  );
  expect((await handle.result()).status).toBe('done');
  const { reason } = await handle.query(statusQuery);
  expect(reason).toMatch(/^the 0\.9 US dollars for models are spent, or what is left may not pay/);
  expect(left).toEqual([
    { usd: 0.9, tokens: 1000 },
    { usd: 0.5, tokens: 890 },
  ]);
  expect(world.ended.map(({ experiment, verdict }) => [experiment, verdict])).toEqual([
    [1, expect.any(String)],
    [2, 'dropped'],
  ]);
});

it('says that the model is down, and ends when a person stops it meanwhile', async () => {
  const { handle } = await startSession(
    { experiments: 5 },
    { activities: { propose: async () => ({ kind: 'down', reason: 'The API answers 529: overloaded' }) } },
  );
  const notices = await until(async () => {
    const status = await handle.query(statusQuery);
    return status.notices !== undefined && status.notices.length > 0 && status.notices;
  });
  expect(notices).toEqual(['The API answers 529: overloaded. It is asked again every minute.']);
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  expect((await handle.result()).status).toBe('done');
});

it('asks search and model by turns where the worker has a key, and says while the model is down', async () => {
  const asked: string[] = [];
  const seen: (readonly string[])[] = [];
  const { handle, world } = await startSession(
    { experiments: 4, lookahead: 0 },
    {
      activities: {
        open: async ({ session }) => ({ ...contractOf(session), proposer: 'hybrid' }),
        propose: async ({ experiment, base, proposer, hints }) => {
          asked.push(`${proposer} ${hints?.length}`);
          const notices = experiment === 1 ? [] : (await handle.query(statusQuery)).notices;
          seen.push(notices ?? []);
          const modelDown = experiment === 2 || experiment === 3 ? { modelDown: 'The model is down.' } : {};
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: 'an idea', ...modelDown };
        },
      },
    },
  );
  await handle.result();
  expect(asked).toEqual(Array.from({ length: 4 }, () => 'hybrid 0'));
  expect(world.ended).toHaveLength(4);
  expect(seen).toEqual([[], [], ['The model is down.'], ['The model is down.']]);
  expect((await handle.query(statusQuery)).notices).toEqual([]);
});

it('drops what is vetoed while its last scoring ends well, however good its score is', async () => {
  let session: FakeSession | undefined;
  session = await startSession(
    { experiments: 1, lookahead: 0 },
    {
      activities: {
        train: async () => TRAINED,
        evaluate: async ({ commit, experiment }) => {
          if (experiment === 1) await session?.handle.executeUpdate(vetoUpdate, { args: [{ experiment }] });
          return { kind: 'value', value: commit === 'base' ? 1 : 0.1, metrics: {}, tier: 'B' };
        },
      },
    },
  );
  await until(async () => (session?.world.ended.length ?? 0) > 0);
  await session.handle.executeUpdate(stopUpdate, { args: [{ now: true }] });
  expect(session.world.ended[0]).toMatchObject({ experiment: 1, verdict: 'dropped', candidate: 'c1' });
  expect(session.world.kept).not.toContain('c1');
});

it('refuses an edit of what is not editable, and more edits than it can carry', async () => {
  const { handle } = await startSession({ experiments: 50, lookahead: 0 });
  await handle.executeUpdate(pauseUpdate, { args: [{}] }); // nothing is proposed meanwhile
  await until(async () => (await handle.query(statusQuery)).status === 'paused');
  const send = (file: string) =>
    handle
      .executeUpdate(patchUpdate, { args: [{ diff: `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-a\n+b\n` }] })
      .catch((error: unknown) => (error as Error).cause);
  expect(await send('score.py')).toMatchObject({
    message: expect.stringContaining('to change train.py, got score.py'),
  });
  for (let sent = 0; sent < 8; sent++) expect(await send('train.py')).toMatchObject({ status: 'paused' });
  expect(await send('train.py')).toMatchObject({ message: expect.stringContaining('at most 8 edits to wait') });
  await handle.executeUpdate(stopUpdate, { args: [{ now: true }] });
}, 60_000);
