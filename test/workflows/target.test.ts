// A task with a target: how soon a training gets there is the score, and what does not get there is never built on.
import { expect, it } from 'vitest';
import type { EvaluateInput, TrainInput } from '../../activities/contract.ts';
import type { Scored } from '../../src/domain/scored.ts';
import { pinUpdate, resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { startSession } from '../support/fake-session.ts';
import { contractOf, TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';

const NOISE = [0.1, -0.1, 0, 0.12, -0.12, 0.11, 0.09];

/** How soon each experiment's training ends (0: the baseline's), and what it has reached then. */
interface Race {
  readonly seconds: readonly number[];
  readonly reaches: (input: EvaluateInput) => number | Promise<number>;
  readonly sealed?: boolean;
  readonly untrained?: number;
}

const numberOf = (commit: string): number => (commit === 'base' ? 0 : Number(/\d+/.exec(commit)?.[0]));

function race(input: object, { seconds, reaches, sealed = false, untrained }: Race) {
  const activities = {
    open: async ({ session }: { session: string }) => {
      const contract = contractOf(session);
      const metric = { name: 'seconds', direction: 'minimize', ...(untrained !== undefined && { untrained }) } as const;
      const train = { ...contract.task.train, seconds: 100 };
      const score = { run: 'score', seconds: 1, sealed };
      return { ...contract, task: { ...contract.task, train, score, metric, target: 'val_bpb <= 3.28' } };
    },
    train: async ({ commit, trial, seconds: budget }: TrainInput) => {
      const taken = (seconds[numberOf(commit)] ?? 0) + (NOISE[trial % NOISE.length] ?? 0);
      return { ...TRAINED, seconds: budget === 0 ? 1 : taken };
    },
    // As a scorer would that a candidate has got at.
    evaluate: async (trial: EvaluateInput): Promise<Scored> => {
      const value = await reaches(trial);
      return { kind: 'value', value, metrics: { val_bpb: value, seconds: 0.01 }, tier: 'A' };
    },
  };
  return startSession({ rule: 'default', lookahead: 0, ...input }, { activities });
}

const REACHED = 3.27;
const MISSED = 3.31;

it('keeps what gets there sooner, by the clock of its training, and discards what is faster and misses', async () => {
  const { world, handle } = await race(
    { experiments: 3, audit: 'none' },
    { seconds: [40, 38, 5, 60], reaches: ({ experiment }) => (experiment === 2 ? MISSED : REACHED) },
  );
  const best = await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['keep', 'discard', 'discard']);
  expect(world.ended[1]).toMatchObject({
    reason: 'reached 3.31, 0.03 short of val_bpb <= 3.28',
    value: expect.closeTo(5, 0),
    gain: null,
    trials: [{ missed: expect.closeTo(0.03, 9), metrics: { val_bpb: MISSED, seconds: expect.closeTo(5, 0) } }],
  });
  expect(best).toMatchObject({
    metric: 'seconds',
    target: 'val_bpb <= 3.28',
    baseline: { value: expect.closeTo(40, 0), trials: 5 },
    best: { commit: 'c1', value: expect.closeTo(38, 0) },
  });
});

it('discards what misses in a later trial although its first got there, and believes the incumbent as before', async () => {
  const { world, handle } = await race(
    { experiments: 1, audit: 'none' },
    { seconds: [40, 38], reaches: ({ commit, trial }) => (commit === 'c1' && trial === 2 ? MISSED : REACHED) },
  );
  const best = await handle.result();
  expect(world.ended).toMatchObject([{ verdict: 'discard', reason: expect.stringMatching(/^reached 3\.31/) }]);
  expect(world.ended[0]?.trials.filter(({ role }) => role === 'candidate')).toHaveLength(2);
  expect(best.best?.commit).toBe('base');
});

it('is blocked, and says how far it was, where the baseline misses in one of its trials; a stop ends it', async () => {
  const { world, handle } = await race(
    { experiments: 1 },
    { seconds: [40], reaches: ({ trial }) => (trial === 3 ? MISSED : REACHED) },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toMatch(
    /^The baseline's trial 3 \(seed 13\) gave no value that counts: reached 3\.31, 0\.03 short of val_bpb <= 3\.28\. /,
  );
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  expect((await handle.result()).status).toBe('done');
  expect(world.events.map(({ kind }) => kind)).toEqual(['end']);
});

it('asks as much of the baseline on sealed data, and measures it again when a person resumes', async () => {
  const { handle } = await race(
    { experiments: 1 },
    {
      seconds: [40, 38],
      sealed: true,
      reaches: ({ trial, split }) => (trial === 1 && split === 'sealed' ? MISSED : REACHED),
    },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toContain('short of val_bpb <= 3.28 on sealed data.');
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  expect(await handle.result()).toMatchObject({ best: { commit: 'c1' }, gain: { sealed: expect.closeTo(2, 0) } });
});

it('fails a claim whose best misses in one trial of the audit', async () => {
  const { world, handle } = await race(
    { experiments: 1, audit: 'end' },
    { seconds: [40, 38], reaches: ({ commit, trial }) => (commit === 'c1' && trial === 1_000_001 ? MISSED : REACHED) },
  );
  await handle.result();
  const audit = world.events.find(({ kind }) => kind === 'audit');
  expect(audit).toMatchObject({ commit: 'c1', passed: false, missed: 1, gain: expect.closeTo(2, 0) });
  expect((await handle.query(statusQuery)).audit).toMatchObject({ passed: false, missed: 1 });
});

it('audits a best that misses when it is measured again at once, and goes back where it does not hold', async () => {
  let kept: readonly string[] = [];
  // The first is lucky in the trials that it is kept for, the second in its first.
  const misses = ({ commit, trial }: EvaluateInput): boolean =>
    (commit === 'c1' && kept.includes('c1')) || (commit === 'c2' && trial === 2);
  const { world, handle } = await race(
    { experiments: 3 },
    { seconds: [40, 39.4, 39.1, 39.1], reaches: (input) => (misses(input) ? MISSED : REACHED) },
  );
  ({ kept } = world);
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict).slice(0, 2)).toEqual(['keep', 'discard']);
  const again = world.ended[1]?.trials.find(({ role }) => role === 'incumbent');
  expect(again).toMatchObject({ commit: 'c1', missed: expect.closeTo(0.03, 9) });
  expect(again?.failedCheck).toBeUndefined();
  const [audit] = world.events.flatMap((event) => (event.kind === 'audit' ? [event] : []));
  expect(audit).toMatchObject({ commit: 'c1', moment: 'on the way', passed: false, missed: 4 });
  expect(world.calls).toContain('restore base on c1');
  expect(world.ended[2]).toMatchObject({ base: 'base-again' });
});

it('does not go on from what misses, whoever wants that', async () => {
  let pin: (() => Promise<unknown>) | undefined;
  const { handle } = await race(
    { experiments: 2, audit: 'none' },
    {
      seconds: [40, 5, 38],
      reaches: async ({ experiment, commit }) => {
        if (experiment === 2) await pin?.();
        return commit.startsWith('c1') ? MISSED : REACHED;
      },
    },
  );
  pin = () => handle.executeUpdate(pinUpdate, { args: [{ experiment: 1 }] });
  expect((await handle.result()).best?.commit).toBe('c2');
  expect((await handle.query(statusQuery)).notices).toContain(
    'The line does not go on from experiment 1: it gives no value that counts (reached 3.31, 0.03 short of val_bpb <= 3.28).',
  );
});

it('quarantines what is there before it has trained', async () => {
  const { world, handle } = await race(
    { experiments: 1, audit: 'none' },
    { seconds: [40, 5], untrained: 8, reaches: () => REACHED },
  );
  await handle.result();
  expect(world.ended).toMatchObject([
    {
      verdict: 'quarantine',
      reason: expect.stringMatching(/^untrained it scores val_bpb 3\.27, where knowing nothing is 8/),
    },
  ]);
});
