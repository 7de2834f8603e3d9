// The scale check after the audit at a session's end: the gain once more, in longer trainings.
import { expect, it } from 'vitest';
import type { TrainInput } from '../../activities/contract.ts';
import { viewOf } from '../../src/domain/view.ts';
import { statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { openEvent } from '../git/sandbox.ts';
import { startSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';

const NOISE = [0.01, -0.01, 0, 0.012, -0.012, 0.011, 0.009];
const SECONDS = 10;
const input = { rule: 'default', audit: 'end', experiments: 1, trialSeconds: SECONDS };
const isAudit = (trial: number): boolean => trial >= 1_000_000;
const noise = (trial: number): number => NOISE[trial % NOISE.length] ?? 0;
const value = (commit: string, trial: number): number => (commit === 'base' ? 1 : 0.9) + noise(trial);

/** A world whose gain is `share` of itself in longer trainings, and which remembers those. */
function world(share: number, takes = (seconds: number) => seconds) {
  const longer: TrainInput[] = [];
  const isLonger = ({ experiment, trial }: Pick<TrainInput, 'experiment' | 'trial'>): boolean =>
    longer.some((one) => one.experiment === experiment && one.trial === trial);
  const activities = {
    train: async (asked: TrainInput) => {
      if (asked.seconds > SECONDS) longer.push(asked);
      return { ...TRAINED, seconds: takes(asked.seconds) };
    },
    evaluate: async (asked: Pick<TrainInput, 'experiment' | 'trial' | 'commit'>) => {
      const { commit, trial } = asked;
      const found = isLonger(asked) && commit !== 'base' ? 1 - share * 0.1 + noise(trial) : value(commit, trial);
      return { kind: 'value', value: found, metrics: {}, tier: 'A' } as const;
    },
  };
  return { longer, options: { activities } };
}

it('measures baseline and best with twice and four times the time, writes down what is left, and shows it', async () => {
  const { longer, options } = world(0.95);
  const { world: seen, handle } = await startSession({ ...input, scale: [2, 4] }, options);
  await handle.result();
  expect(longer.map(({ seconds, commit, seed }) => [seconds, commit, seed])).toEqual(
    [20, 40].flatMap((seconds) => ['base', 'c1', 'c1', 'base'].map((commit) => [seconds, commit, 'fresh'])),
  );
  expect(seen.events.map(({ kind }) => kind)).toEqual(['baseline', 'audit', 'scale', 'scale', 'end']);
  const { scale } = await handle.query(statusQuery);
  expect(scale).toMatchObject([
    { times: 2, commit: 'c1', verdict: 'transfers' },
    { times: 4, commit: 'c1', verdict: 'transfers' },
  ]);
  const read = viewOf({ experiments: [], events: [openEvent('base'), ...seen.events] }, '');
  expect(read?.scale).toMatchObject(scale ?? []);
});

it('tells nothing of a training that does not read its time', async () => {
  const { options } = world(1, () => SECONDS);
  const { handle } = await startSession({ ...input, scale: [3] }, options);
  await handle.result();
  expect((await handle.query(statusQuery)).scale).toMatchObject([{ verdict: 'not longer', low: null, high: null }]);
});

it('is made of no gain that the audit did not find', async () => {
  const { longer, options } = world(1);
  const { activities } = options;
  const evaluate = async (asked: Parameters<typeof activities.evaluate>[0]) =>
    isAudit(asked.trial)
      ? ({ kind: 'value', value: 1 + noise(asked.trial), metrics: {}, tier: 'A' } as const)
      : activities.evaluate(asked);
  const { handle } = await startSession({ ...input, scale: [2] }, { activities: { ...activities, evaluate } });
  await handle.result();
  expect((await handle.query(statusQuery)).audit).toMatchObject({ passed: false });
  expect(longer).toEqual([]);
});

it('ends where a person stops it, and says nothing of what it had', async () => {
  const { longer, options } = world(1);
  const { world: seen, handle } = await startSession(
    { ...input, scale: [2, 4] },
    {
      activities: {
        ...options.activities,
        train: async (asked) => {
          const trained = await options.activities.train(asked);
          if (longer.length === 2) await handle.executeUpdate(stopUpdate, { args: [{}] });
          return trained;
        },
      },
    },
  );
  await handle.result();
  expect(longer).toHaveLength(2);
  expect(seen.events.map(({ kind }) => kind)).toEqual(['baseline', 'audit', 'end']);
});

it('says so where longer trainings give no value', async () => {
  const { options } = world(1);
  const { handle } = await startSession(
    { ...input, scale: [2] },
    {
      activities: {
        ...options.activities,
        train: async (asked) =>
          asked.seconds > SECONDS ? { ...TRAINED, failure: 'exited with code 1' } : options.activities.train(asked),
      },
    },
  );
  await handle.result();
  expect((await handle.query(statusQuery)).notices).toEqual([
    'Trainings of 2 × the time gave no value: nothing is told of them.',
  ]);
});
