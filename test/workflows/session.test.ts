import { expect, it } from 'vitest';
import { NO_COUNTS } from '../../src/domain/counts.ts';
import { priorPool } from '../../src/domain/noise.ts';
import { calibrated } from '../../src/domain/standing.ts';
import { contractOf, TRAINED } from '../support/fake-world.ts';
import { startSession } from '../support/fake-session.ts';
import { bestQuery, experimentsQuery, stopUpdate } from '../../workflows/messages.ts';

it('measures the baseline, then keeps what is better and reverts what is not, one record for each experiment', async () => {
  const { world, handle } = await startSession({ experiments: 6 });
  const best = await handle.result();
  expect(best).toMatchObject({
    status: 'done',
    metric: 'loss',
    best: { commit: 'c6', experiment: 6, value: 0.94, trials: 1 },
    baseline: { commit: 'base', trials: 3 },
    experiments: { total: 6, kept: 2, discarded: 4 },
  });
  expect(best.baseline?.value).toBeCloseTo(1, 10);
  expect(best.gain?.claimed).toBeCloseTo(0.06, 10);
  expect(world.ended.map(({ experiment, verdict }) => `${experiment} ${verdict}`)).toEqual([
    '1 discard',
    '2 discard',
    '3 keep',
    '4 discard',
    '5 discard',
    '6 keep',
  ]);
  expect(world.events.map(({ kind }) => kind)).toEqual(['baseline', 'end']);
  expect(world.ended[0]?.noise).toBeCloseTo(0.01, 10);
});

it('rebases the proposal that waited when the incumbent has moved, and judges it against the new one', async () => {
  const { world, handle } = await startSession({ experiments: 4 });
  await handle.result();
  // Proposal 4 was made while 3 trained, on the old incumbent.
  expect(world.calls.filter((call) => call.startsWith('propose 4'))).toEqual(['propose 4', 'propose 4 again']);
  expect(world.ended[3]).toMatchObject({ base: 'c3', incumbent: { commit: 'c3' } });
});

it('goes on from what the line has of a keep, where that is another commit than the candidate', async () => {
  const tips: string[] = [];
  const { world, handle } = await startSession(
    { experiments: 6 },
    {
      activities: {
        commit: async ({ record: { experiment }, tip }) => {
          tips.push(tip);
          return { kind: 'committed', tip: `k${experiment}`, commit: `k${experiment}` };
        },
      },
    },
  );
  expect((await handle.result()).best).toMatchObject({ commit: 'k6', experiment: 6 });
  expect(tips).toEqual(['base', 'k3']);
  expect(world.ended.map(({ experiment, base }) => `${experiment} on ${base}`)).toEqual([
    '1 on base',
    '2 on base',
    '4 on k3',
    '5 on k3',
  ]);
});

it('makes no proposal ahead without look-ahead, and none that the budget will not pay', async () => {
  const { world, handle } = await startSession({ experiments: 2, lookahead: 0 });
  await handle.result();
  expect(world.calls.indexOf('propose 2')).toBeGreaterThan(world.calls.indexOf('evaluate 1/1'));
  expect(world.calls.filter((call) => call.startsWith('propose'))).toHaveLength(2);
});

it('never gives two trials of a commit the same seed', async () => {
  const { world, handle } = await startSession({ experiments: 1, calibration: 5 });
  await handle.result();
  const seeds = world.calls.filter((call) => call.startsWith('train 0/')).map((call) => call.split('seed ')[1]);
  expect(new Set(seeds).size).toBe(5);
});

it('gives the same answers when every workflow task replays the whole history', async () => {
  const { world, handle } = await startSession({ experiments: 4 }, { maxCachedWorkflows: 0 });
  expect((await handle.result()).best).toMatchObject({ commit: 'c3' });
  expect(world.ended.map(({ experiment }) => experiment)).toEqual([1, 2, 3, 4]);
  expect((await handle.query(experimentsQuery, { limit: 2 })).map(({ experiment }) => experiment)).toEqual([3, 4]);
  expect((await handle.query(bestQuery)).status).toBe('done');
});

const hopeless = (commit: string, trial: number): number => (commit === 'base' ? 1 + trial / 100 : 2);

it('spends at most 32 history events on an experiment of one trial', async () => {
  const { handle } = await startSession({ experiments: 8 }, { value: hopeless });
  await handle.result();
  const { events } = await handle.fetchHistory();
  const opening = (events ?? []).findIndex(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'propose',
  );
  expect(((events?.length ?? 0) - opening) / 8).toBeLessThanOrEqual(32);
});

it('continues as new with the same verdicts, counts and numbers as in one run', async () => {
  const { world, handle, firstRunId } = await startSession({ experiments: 24 });
  const best = await handle.result();
  expect((await handle.describe()).runId).not.toBe(firstRunId);
  expect(world.ended.map(({ experiment }) => experiment)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
  expect(world.ended.filter(({ verdict }) => verdict === 'keep').map(({ experiment }) => experiment)).toEqual([
    3, 6, 9, 12, 15, 18, 21, 24,
  ]);
  expect(best).toMatchObject({ best: { commit: 'c24' }, baseline: { trials: 3 }, experiments: { total: 24, kept: 8 } });
  expect(world.calls.filter((call) => call === 'open')).toHaveLength(1);
});

/** What a session goes on from whose ledger has five experiments and three events; the incumbent is c4. */
function continuedFrom(input: object) {
  const belief = { commit: 'c4', experiment: 4, value: 0.5, stderr: 0.1, trials: 1 };
  const baseline = { ...belief, commit: 'base', experiment: 0, value: 1 };
  const course = { baseline, standing: calibrated([0.5], priorPool(0.1)), incumbent: belief, incumbentTrials: 1 };
  const counts = { ...NO_COUNTS, total: 5, kept: 1, discarded: 4, dropped: 1 };
  const numbers = { trainedSeconds: 60, nextExperiment: 7, nextEvent: 3 };
  return async ({ session }: { session: string }) => ({
    ...contractOf(session),
    continued: { input, course, tier: 'A' as const, counts, ...numbers, givenOut: 9, last: [] },
  });
}

it('goes on where a ledger ends: no baseline again, the next number, the incumbent and budget that there were', async () => {
  const open = continuedFrom({ experiments: 7, lookahead: 0, rule: 'greedy' });
  const { world, handle } = await startSession({ continueFrom: 'night' }, { activities: { open } });
  const result = await handle.result();
  expect(result.experiments).toMatchObject({ total: 7, kept: 1, discarded: 6, dropped: 2 });
  expect(result.best?.commit).toBe('c4');
  expect(world.ended.map(({ experiment, base }) => [experiment, base])).toEqual([
    [7, 'c4'],
    [8, 'c4'],
    [9, 'c4'], // a lost run had given the number out: dropped
  ]);
  expect(world.events.map(({ kind }) => kind)).toEqual(['end']);
});

it('audits in folders that no earlier audit of its ledger had, where the seeds still lie', async () => {
  const open = continuedFrom({ experiments: 5, rule: 'greedy', audit: 'end' });
  const { world, handle } = await startSession({ continueFrom: 'night' }, { activities: { open } });
  await handle.result();
  const audited = world.calls.filter((call) => call.endsWith('seed fresh'));
  expect(audited).toHaveLength(16);
  expect(audited.slice(0, 2)).toEqual(['train 0/1000300 seed fresh', 'train 4/1000301 seed fresh']);
});

it('writes no baseline that one trial has made: a person stopped it before there was a noise', async () => {
  const { world, handle } = await startSession(
    { rule: 'default' },
    {
      activities: {
        train: async ({ trial }) => {
          if (trial === 1) await handle.executeUpdate(stopUpdate, { args: [{}] });
          return TRAINED;
        },
      },
    },
  );
  await handle.result();
  expect(world.events.map(({ kind }) => kind)).toEqual(['end']);
});

it('ends where its ledger has ended, when the server was set back to before that', async () => {
  const { world, handle } = await startSession(
    { experiments: 5 },
    {
      activities: {
        propose: async ({ experiment, base }) =>
          experiment > 1
            ? { kind: 'ended', reason: 'stopped by a person' }
            : { kind: 'proposal', candidate: 'c1', base, hypothesis: 'idea 1' },
      },
    },
  );
  expect((await handle.result()).experiments.total).toBe(1);
  expect(world.events.at(-1)).toMatchObject({ kind: 'end', reason: 'stopped by a person' });
});
