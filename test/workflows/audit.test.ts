// The audit at a session's end, through the workflow: what is measured again, and what is said of the claim.
import { expect, it } from 'vitest';
import type { EvaluateInput } from '../../activities/contract.ts';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { viewOf } from '../../src/domain/view.ts';
import { statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { openEvent } from '../git/sandbox.ts';
import { startSession } from '../support/fake-session.ts';
import { isAudit, noise, sealedTask, value, valueOn } from '../support/audit-world.ts';
import { TRAINED } from '../support/fake-world.ts';

it('measures baseline and best again with fresh seeds on sealed data, turn by turn, and makes that the headline', async () => {
  const scored: EvaluateInput[] = [];
  const { world, handle } = await startSession(
    { rule: 'default', audit: 'end', experiments: 1 },
    {
      activities: {
        open: sealedTask,
        evaluate: async (input) => {
          scored.push(input);
          return { kind: 'value', value: valueOn(input), metrics: {}, tier: 'A' };
        },
      },
    },
  );
  const best = await handle.result();
  const audited = scored.filter(({ trial }) => isAudit(trial));
  expect(audited).toHaveLength(16);
  expect(new Set(audited.map(({ trial }) => trial)).size).toBe(16);
  expect(audited.every(({ split, seed }) => split === 'sealed' && seed === 'fresh')).toBe(true);
  expect(audited.slice(0, 4).map(({ commit }) => commit)).toEqual(['base', 'c1', 'c1', 'base']);
  const others = scored.filter(({ trial, split }) => !isAudit(trial) && split === 'sealed');
  expect(others.map(({ commit, trial }) => [commit, trial])).toEqual([
    ['base', 1], // whether there is such data at all
    ['base', 2],
  ]);
  expect(best.gain?.sealed).toBeCloseTo(0.1, 1);
  expect((await handle.query(statusQuery)).audit).toMatchObject({ passed: true, split: 'sealed', commit: 'c1' });
  const event = world.events.find(({ kind }) => kind === 'audit');
  expect(event).toMatchObject({ passed: true, split: 'sealed', baseline: 'base', commit: 'c1' });
  const read = viewOf({ experiments: [], events: [openEvent('base'), ...world.events] }, '');
  expect(read?.audit).toMatchObject({ gain: best.gain?.sealed });
});

it('says when the sealed documents are too few to tell gains of that size', async () => {
  const { handle } = await startSession(
    { rule: 'default', audit: 'end', experiments: 1 },
    {
      activities: {
        open: sealedTask,
        evaluate: async (input) => {
          const { commit, split } = input;
          const seen = { kind: 'value', value: valueOn(input), metrics: {}, tier: 'A' } as const;
          const inOne = commit === 'base' ? 10 : 6;
          return split === undefined
            ? seen
            : {
                ...seen,
                documents: [
                  [10, inOne],
                  [10, 10],
                  [10, 10],
                ],
              };
        },
      },
    },
  );
  await handle.result();
  expect((await handle.query(statusQuery)).notices).toEqual([
    expect.stringMatching(/^The data that audits are made on/),
  ]);
});

it('says so when the claim is not there on sealed data', async () => {
  const { handle } = await startSession(
    { rule: 'default', audit: 'end', experiments: 1 },
    {
      activities: {
        open: sealedTask,
        evaluate: async (input) => {
          const seen = isAudit(input.trial) ? 2 + noise(input.trial) : valueOn(input);
          return { kind: 'value', value: seen, metrics: {}, tier: 'A' };
        },
      },
    },
  );
  await handle.result();
  expect((await handle.query(statusQuery)).audit).toMatchObject({ passed: false });
});

it('audits with fresh seeds alone where a task has no sealed data, and says that it is no more than that', async () => {
  const { handle } = await startSession({ rule: 'default', audit: 'end', experiments: 1 }, { value });
  const best = await handle.result();
  expect((await handle.query(statusQuery)).audit).toMatchObject({ split: 'val', passed: true });
  expect(best.gain?.sealed).toBeNull();
});

it('blames no commit for the machine: without any other trial there is no audit, and the person is told', async () => {
  const { world, handle } = await startSession(
    { rule: 'default', audit: 'end', experiments: 1 },
    {
      value,
      activities: {
        train: async ({ commit, trial }) =>
          commit === 'c1' && isAudit(trial)
            ? { ...TRAINED, failure: 'was ended by SIGKILL', crash: { class: 'killed-by-machine', fault: 'machine' } }
            : TRAINED,
      },
    },
  );
  await handle.result();
  expect(world.events.map(({ kind }) => kind)).toEqual(['baseline', 'end']);
  expect((await handle.query(statusQuery)).notices).toEqual([
    expect.stringMatching(/^The audit at the end gave no value/),
  ]);
});

it.each([
  ['no greedy session', 0, { rule: 'greedy' }, false],
  ['none where it is not wanted', 0, { rule: 'default', audit: 'none' }, false],
  ['none that gained nothing', 0, { rule: 'default' }, true],
  ['a greedy session that wants it', 16, { rule: 'greedy', audit: 'end' }, false],
])('audits %s: %i trials', async (_what, expected, input, worse) => {
  const { world, handle } = await startSession({ experiments: 1, ...input }, { value: worse ? () => 1 : value });
  await handle.result();
  expect(world.calls.filter((call) => call.includes('fresh'))).toHaveLength(expected);
});

it('ends an audit where a person stops it', async () => {
  const { world, handle } = await startSession(
    { rule: 'default', audit: 'end', experiments: 1 },
    {
      value,
      activities: {
        train: async ({ trial }) => {
          if (trial === 1_000_002) await handle.executeUpdate(stopUpdate, { args: [{}] });
          return TRAINED;
        },
      },
    },
  );
  await handle.result();
  expect(world.events.map(({ kind }) => kind)).toEqual(['baseline', 'end']);
});

it('goes by the audit that stands in the ledger already, and passes other events over', async () => {
  const standing: LedgerEvent[] = [];
  const asked: string[] = [];
  const { handle } = await startSession(
    { rule: 'default', audit: 'end', experiments: 1 },
    {
      value,
      activities: {
        record: async ({ event, index }) => {
          asked.push(`${index} ${event.kind}`);
          if (event.kind === 'audit' && standing.length === 0)
            standing.push({ ...event, commit: 'another' }, { ...event, gain: 0.123, passed: false });
          return event.kind === 'audit' ? standing[index - 2] : undefined;
        },
      },
    },
  );
  const best = await handle.result();
  expect(asked).toEqual(['1 baseline', '2 audit', '3 audit', '4 end']);
  expect((await handle.query(statusQuery)).audit).toMatchObject({ commit: 'c1', gain: 0.123, passed: false });
  expect(best.gain?.sealed).toBeNull();
});

it('audits nothing of a session that its ledger calls ended', async () => {
  const { world, handle } = await startSession(
    { rule: 'default', audit: 'end', experiments: 2 },
    {
      value,
      activities: {
        propose: async ({ experiment, base }) =>
          experiment === 1
            ? { kind: 'proposal', candidate: 'c1', base, hypothesis: 'idea 1' }
            : { kind: 'ended', reason: 'stopped by a person' },
      },
    },
  );
  await handle.result();
  expect(world.kept).toEqual(['c1']);
  expect(world.calls.filter((call) => call.includes('fresh'))).toEqual([]);
});
