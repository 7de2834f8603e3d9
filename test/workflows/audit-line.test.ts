// Audits on the way, through the workflow: the line after five keeps, and a gain too good to be true before it is kept.
import { expect, it } from 'vitest';
import { courseOf } from '../../src/domain/ledger-course.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { auditUpdate, resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { openEvent } from '../git/sandbox.ts';
import { startSession } from '../support/fake-session.ts';
import { allUpTo, numberOf, STEP, worldOf } from '../support/audit-world.ts';
import { until } from '../support/until.ts';

it('scores the baseline on sealed data at once, and audits after five keeps with four fresh trials of the best', async () => {
  const { scored, activities } = worldOf(STEP, () => true);
  const { world, handle } = await startSession({ rule: 'default', experiments: 7 }, { activities });
  const best = await handle.result();
  expect(world.kept).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']);
  const sealed = scored.filter(({ split }) => split === 'sealed');
  expect(sealed.slice(0, 5).map(({ commit, seed }) => [commit, seed])).toEqual(
    [11, 12, 13, 14, 15].map((seed) => ['base', seed]),
  );
  expect(sealed.slice(5, 9).map(({ commit, seed }) => [commit, seed])).toEqual(
    Array.from({ length: 4 }, () => ['c5', 'fresh']),
  );
  expect(world.events.map((event) => (event.kind === 'audit' ? event.moment : event.kind))).toEqual([
    'baseline',
    'on the way',
    'end',
    'end',
  ]);
  expect(world.events[1]).toMatchObject({ commit: 'c5', passed: true, split: 'sealed' });
  expect(best.best?.commit).toBe('c7');
});

it('finds by bisection where the gains stopped to be real, and goes on from there by a commit on the line', async () => {
  const { activities } = worldOf(
    STEP,
    (idea) => idea <= 3,
    (experiment) => allUpTo(experiment === 6 ? 3 : experiment),
  );
  const { world, handle } = await startSession({ rule: 'default', experiments: 6, lookahead: 0 }, { activities });
  await handle.result();
  const audits = world.events.flatMap((event) => (event.kind === 'audit' ? [`${event.commit} ${event.passed}`] : []));
  expect(audits.slice(0, 3)).toEqual(['c5 false', 'c2 true', 'c3 true']);
  expect(world.calls).toContain('restore c3 on c5');
  const moved = world.events.find(({ kind }) => kind === 'moved');
  expect(moved).toMatchObject({ from: 'c5', to: 'c3-again', after: 5, restores: { commit: 'c3', experiment: 3 } });
  expect(world.ended.at(-1)).toMatchObject({ experiment: 6, base: 'c3-again', verdict: 'discard' });
  const { notices, best } = await handle.query(statusQuery);
  expect(notices).toEqual([expect.stringMatching(/did not find the gain since experiment 3: the line is back there/)]);
  const events = [openEvent('base'), ...world.events];
  expect(courseOf({ events, experiments: world.ended as ExperimentRecord[] })?.incumbent).toEqual(best);
});

it('quarantines a gain too good to be true that its audit does not find, and keeps one that it finds', async () => {
  const { scored, activities } = worldOf(
    0.2,
    (idea) => idea === 2,
    (experiment) => (experiment === 0 ? [] : [experiment]),
  );
  const propose = { propose: async ({ experiment }: { experiment: number }) => proposal(experiment) };
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 2, lookahead: 0 },
    { activities: { ...activities, ...propose } },
  );
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['quarantine', 'keep']);
  expect(world.ended[0]?.reason).toMatch(/audited before it is kept, and the audit found 0.*where 0\.\d+ was claimed/);
  expect(world.ended[0]?.trials.every(({ role }) => role !== 'audit')).toBe(true);
  const before = world.events.filter((event) => event.kind === 'audit' && event.moment === 'before a keep');
  expect(before).toMatchObject([
    { commit: 'c1', passed: false },
    { commit: 'c2', passed: true },
  ]);
  expect(scored.filter(({ commit, seed }) => commit === 'c1' && seed === 'fresh')).toHaveLength(4);
});
const proposal = (experiment: number) => ({
  kind: 'proposal' as const,
  candidate: `c${experiment}`,
  base: 'base',
  hypothesis: `idea ${experiment}`,
});

it('lets the experiment end whose audit is under way when a person stops the session', async () => {
  const { activities } = worldOf(0.2, () => true);
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 3, lookahead: 0 },
    {
      activities: {
        ...activities,
        evaluate: async (input) => {
          if (input.trial === 1_000_001) await handle.executeUpdate(stopUpdate, { args: [{}] });
          return activities.evaluate(input);
        },
      },
    },
  );
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['keep']);
  expect(world.events.map(({ kind }) => kind)).toEqual(['baseline', 'audit', 'end']);
});

it.each([
  ['at the end alone', 'end'],
  ['never', 'none'],
])('audits %s where a person wants that: no sealed score on the way', async (_when, audit) => {
  const { scored, activities } = worldOf(0.2, () => true);
  const { world, handle } = await startSession({ rule: 'default', experiments: 1, audit }, { activities });
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['keep']);
  expect(scored.filter(({ split }) => split === 'sealed')).toHaveLength(audit === 'end' ? 18 : 0); // two of the baseline's first trials, eight and eight at the end
});

it('takes back at the end what the audit there does not find', async () => {
  const { activities } = worldOf(STEP, (experiment) => experiment <= 1);
  const { world, handle } = await startSession({ rule: 'default', experiments: 3, lookahead: 0 }, { activities });
  const best = await handle.result();
  expect(world.calls).toContain('restore c1 on c3');
  expect(best.best).toMatchObject({ commit: 'c1-again', experiment: 1 });
  expect(best.gain?.claimed).toBeCloseTo(STEP, 1);
});

it('audits at once when a person asks, with the baseline anew, and refuses while there is no gain', async () => {
  const { activities } = worldOf(STEP, () => true);
  const asked: string[] = [];
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 3, lookahead: 0, audit: 'none' },
    {
      activities: {
        ...activities,
        propose: async ({ experiment, base }) => {
          const ask = handle.executeUpdate(auditUpdate, { args: [{}] });
          asked.push(
            await ask.then(
              () => 'taken',
              ({ cause }) => cause.message,
            ),
          );
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
        },
      },
    },
  );
  const best = await handle.result();
  expect(asked).toEqual(['Expected a gain over the baseline to audit, got none yet.', 'taken', 'taken']);
  expect(
    world.events.map((event) =>
      event.kind === 'audit' ? `${event.moment} ${event.commit} ${event.looks}` : event.kind,
    ),
  ).toEqual([
    'baseline',
    'asked c1 1', // before the proposal that was being made is tried
    'asked c2 2',
    'end',
  ]);
  expect(world.events[1]).toMatchObject({ split: 'sealed', passed: true });
  expect(best.best?.commit).toBe('c3');
});

it('goes on where five keeps after a move to something worse there is still no gain to audit', async () => {
  const { world, handle } = await startSession(
    { rule: 'greedy', audit: 'all', experiments: 7, lookahead: 0, calibration: 2 },
    {
      value: (commit) => (commit === 'base' ? 1 : commit === 'theirs' ? 3 : 3 - numberOf(commit) / 100),
      activities: {
        propose: async ({ experiment, base }) =>
          base === 'base'
            ? { kind: 'moved', expected: 'base', found: 'theirs' }
            : { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` },
      },
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await handle.result();
  expect(world.kept).toHaveLength(7);
  expect(world.events.map(({ kind }) => kind)).toEqual(['baseline', 'moved', 'end']);
});
