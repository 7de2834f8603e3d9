// Proposals that take thought are made ahead: while the baseline trains, and several at once.
import { Context } from '@temporalio/activity';
import { expect, it } from 'vitest';
import { patchUpdate, resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { startSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';
import { readLedger } from '../support/lanes.ts';
import { until } from '../support/until.ts';

/** Goes on until it is cancelled. */
async function wait(): Promise<never> {
  for (;;) {
    Context.current().heartbeat();
    await Context.current().sleep('20ms'); // throws once it is cancelled
  }
}

const diff = (line: string): string => `--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-a\n+${line}\n`;

it('has a model propose while the baseline trains, once, whatever holds the baseline up', async () => {
  const asked: number[] = [];
  const troubles = [{ kind: 'none', failure: 'no number' } as const];
  const { handle, world } = await startSession(
    { experiments: 1, proposer: 'anthropic' },
    {
      activities: {
        propose: async ({ experiment, base }) => {
          asked.push(experiment);
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: 'an idea' };
        },
        train: async ({ experiment }) => {
          if (experiment === 0) await until(() => asked.length > 0); // for ever, if it had to be measured first
          return TRAINED;
        },
        evaluate: async () => troubles.pop() ?? { kind: 'value', value: 1, metrics: {}, tier: 'B' },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).waitingProposals).toBe(1);
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await handle.result();
  expect(asked).toEqual([1]);
  expect(world.ended).toMatchObject([{ experiment: 1, candidate: 'c1', incumbent: { value: 1 } }]);
});

it.each([
  ['the search', { proposer: 'search' }],
  ['a model that is to make nothing ahead', { proposer: 'anthropic', lookahead: 0 }],
])('asks %s only once the baseline is measured', async (_whom, input) => {
  const { handle, world } = await startSession({ experiments: 1, ...input });
  await handle.result();
  expect(world.calls.indexOf('propose 1')).toBeGreaterThan(world.calls.indexOf('record baseline'));
});

const LANES = { proposer: 'anthropic', parallel: 2, lookahead: 3, calibration: 1, experiments: 4 } as const;

it('has a model make several proposals at once, and tries them in the order of their numbers', async () => {
  const asked: number[] = [];
  const { handle, world } = await startSession(
    { ...LANES, parallel: 1 },
    {
      value: () => 1,
      activities: {
        propose: async ({ experiment, base }) => {
          asked.push(experiment);
          if (experiment === 1) await until(() => asked.length >= 3); // for ever, if each had to know those before it
          if (experiment === 1) await Context.current().sleep('300ms'); // the others are there long before
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: 'an idea' };
        },
      },
    },
  );
  await handle.result();
  const tried = world.calls.flatMap((call) => /^train ([1-9])/.exec(call)?.[1] ?? []);
  expect(tried).toEqual(['1', '2', '3', '4']);
  readLedger(world);
});

it('has each wish of a person proposed once, however many proposals are made at once', async () => {
  const patches: string[] = [];
  let isWritten = false;
  const input = { ...LANES, experiments: 6 };
  const { handle } = await startSession(input, {
    value: () => 1,
    activities: {
      train: async () => {
        await until(() => isWritten);
        return TRAINED;
      },
      propose: async ({ experiment, base, patch }) => {
        if (patch !== undefined) patches.push(patch.hypothesis);
        await Context.current().sleep('50ms');
        return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: 'an idea' };
      },
    },
  });
  await until(async () => (await handle.query(statusQuery)).waitingProposals === 3);
  for (const hypothesis of ['b', 'c'])
    await handle.executeUpdate(patchUpdate, { args: [{ diff: diff(hypothesis), hypothesis }] });
  isWritten = true;
  await handle.result();
  expect(patches.toSorted()).toEqual(['b', 'c']);
});

it('ends a proposal that is being made when its session is stopped before the baseline has a value', async () => {
  let isMaking = false;
  const { handle, world } = await startSession(
    { proposer: 'command', command: 'my-agent' },
    {
      activities: {
        train: wait,
        propose: async () => {
          isMaking = true;
          return wait().finally(() => (isMaking = false));
        },
      },
    },
  );
  await until(() => isMaking);
  await handle.executeUpdate(stopUpdate, { args: [{ now: true }] });
  expect((await handle.result()).status).toBe('done');
  expect(isMaking).toBe(false);
  expect(world.ended).toEqual([]); // whoever goes on from its ledger begins with that number
  expect(world.events.map(({ kind }) => kind)).toEqual(['end']);
});
