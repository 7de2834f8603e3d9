// Audits that cannot measure: the best crashes, the machine fails, or the sealed data is none.
import { expect, it } from 'vitest';
import { parseEvent } from '../../src/domain/ledger.ts';
import { resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { isAudit, sealedTask, STEP, value, worldOf } from '../support/audit-world.ts';
import { startSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';

const CRASH = { class: 'unknown', fault: 'idea' } as const;

it.each([
  ['fails a claim whose best crashes in one trial of the audit', (nth: number) => nth === 1, 1, expect.closeTo(0.1, 1)],
  ['fails a claim whose best crashes in every trial of the audit', () => true, 8, null],
])('%s, and stores that trial', async (_what, crashes, crashed, gain) => {
  const { world, handle } = await startSession(
    { rule: 'default', audit: 'end', experiments: 1 },
    {
      value,
      activities: {
        train: async ({ commit, trial }) =>
          commit === 'c1' && isAudit(trial) && crashes(trial - 1_000_000)
            ? { ...TRAINED, failure: 'exited with code 1', crash: CRASH }
            : TRAINED,
      },
    },
  );
  await handle.result();
  const audit = world.events.find((event) => event.kind === 'audit');
  expect(audit).toMatchObject({ commit: 'c1', passed: false, crashed, gain });
  expect(audit?.trials).toHaveLength(16);
  expect(audit?.trials.filter(({ failure }) => failure === 'exited with code 1')).toHaveLength(crashed);
  const status = await handle.query(statusQuery);
  expect(status.audit).toMatchObject({ passed: false, crashed });
  expect(parseEvent(JSON.stringify(audit))).toEqual(audit);
});

it('goes back behind a keep that crashes in the audit after five', async () => {
  const { activities } = worldOf(STEP, () => true);
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 6, lookahead: 0 },
    {
      activities: {
        ...activities,
        train: async ({ experiment, trial }) =>
          trial >= 1_000_000 && experiment === 5
            ? { ...TRAINED, failure: 'exited with code 1', crash: CRASH }
            : TRAINED,
      },
    },
  );
  await handle.result();
  expect(world.kept).toContain('c5');
  expect(world.events[1]).toMatchObject({ commit: 'c5', passed: false, crashed: 4, gain: null, z: null });
  expect(world.calls).toContain('restore c4 on c5');
});

it('quarantines a suspicious gain that crashes in its audit', async () => {
  const { activities } = worldOf(0.2, () => true);
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 1 },
    {
      activities: {
        ...activities,
        train: async ({ trial }) =>
          trial === 1_000_000 ? { ...TRAINED, failure: 'exited with code 1', crash: CRASH } : TRAINED,
      },
    },
  );
  await handle.result();
  expect(world.ended[0]).toMatchObject({
    verdict: 'quarantine',
    reason: 'so large a gain is audited before it is kept, and 1 trial crashed',
  });
});

it('asks a person to look where the machine alone is why an audit on the way gave no value, and makes it again', async () => {
  const { activities } = worldOf(STEP, () => true);
  let isMended = false;
  const crash = { class: 'killed-by-machine', fault: 'machine' } as const;
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 6, lookahead: 0 },
    {
      activities: {
        ...activities,
        train: async ({ trial }) =>
          trial >= 1_000_000 && !isMended ? { ...TRAINED, seed: 7, failure: 'was ended by SIGKILL', crash } : TRAINED,
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toMatch(/^An audit of the kept line gave no value/);
  isMended = true;
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await handle.result();
  expect(world.events[1]).toMatchObject({ kind: 'audit', commit: 'c5', passed: true });
  expect(world.kept).toContain('c6');
});

it('is blocked after the calibration where the baseline is better than anything may be', async () => {
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 1 },
    {
      value: () => 1,
      activities: {
        open: async (input) => {
          const { task, ...contract } = await sealedTask(input);
          return { ...contract, task: { ...task, metric: { ...task.metric, bound: 2 } } };
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toMatch(/better than `metric\.bound` \(2\), got 1 of the baseline/);
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  await handle.result();
  expect(world.ended).toEqual([]);
});

it.each([
  ['gives the value of the others on sealed data', 'all', 5, /^The scorer gave exactly the same value on sealed data/],
  ['does so, and audits are wanted at the end alone', 'end', 2, /in 2 of 2 trials of the baseline/],
])('is blocked after the calibration where the scorer %s', async (_what, audit, sealed, reason) => {
  const splits: unknown[] = [];
  const { world, handle } = await startSession(
    { rule: 'default', audit, experiments: 1 },
    {
      activities: {
        open: sealedTask,
        evaluate: async ({ commit, trial, split }) => {
          splits.push(split);
          return { kind: 'value', value: value(commit, trial), metrics: {}, tier: 'A' };
        },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toMatch(reason);
  expect(splits.filter((split) => split === 'sealed')).toHaveLength(sealed);
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  await handle.result();
  expect(world.kept).toEqual([]);
});
