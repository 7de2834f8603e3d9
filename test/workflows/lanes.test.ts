// Several experiments at once: what they share, and what they are judged by.
import { expect, it } from 'vitest';
import { startSession } from '../support/fake-session.ts';
import { createGates } from '../support/gates.ts';
import { LANES, decided, readLedger, scoring, statusOf } from '../support/lanes.ts';

it('tries two experiments at once, and says of both what runs', async () => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 2 },
    { activities: { train: gates.train, ...scoring({}) } },
  );
  await gates.training(1, 2);
  const { lanes, running, parallel } = await statusOf(session);
  expect(lanes?.map(({ experiment, stage }) => `${experiment} ${stage}`)).toEqual(['1 train', '2 train']);
  expect(running).toEqual(lanes?.[0]);
  expect(parallel).toBe(2);
  gates.open(2);
  await decided(session, 1);
  gates.open(1);
  await session.handle.result();
  expect(session.world.ended.map(({ experiment, order }) => [experiment, order])).toEqual([
    [2, { begun: 0, decided: 1 }],
    [1, { begun: 0, decided: 2 }],
  ]);
  readLedger(session.world);
});

it('keeps nothing whose base is the incumbent no longer: its edit is tried once more on the new one', async () => {
  const gates = createGates();
  const asked: string[] = [];
  const session = await startSession(
    { ...LANES, experiments: 4 },
    {
      activities: {
        train: gates.train,
        ...scoring({ 1: 0.9, 2: 0.8, 4: 0.7 }),
        propose: async ({ experiment, base, parent }) => {
          asked.push(`${experiment} on ${base}${parent === undefined ? '' : ` after ${parent}`}`);
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${parent ?? experiment}` };
        },
      },
    },
  );
  await gates.training(1, 2);
  gates.open(1);
  await gates.training(2, 3);
  gates.open(2);
  await gates.training(3, 4);
  gates.open(3, 4);
  expect((await session.handle.result()).best).toMatchObject({ commit: 'c4', experiment: 4, value: 0.7 });
  expect(asked).toEqual(['1 on base', '2 on base', '3 on c1', '4 on c1 after 2']);
  const { records, course } = readLedger(session.world);
  expect(records).toMatchObject([
    { verdict: 'keep', base: 'base' },
    {
      verdict: 'undecided',
      base: 'base',
      overtaken: true,
      value: 0.8,
      reason: expect.stringMatching(/^better than its base/),
    },
    { verdict: 'discard', base: 'c1' },
    { verdict: 'keep', base: 'c1', parent: 2 },
  ]);
  expect(session.world.kept).toEqual(['c1', 'c4']);
  expect(course?.incumbent).toMatchObject({ commit: 'c4', value: 0.7 });
});

it('discards against its own base, whatever is the incumbent by then', async () => {
  const gates = createGates();
  const session = await startSession(
    { ...LANES, experiments: 2 },
    { activities: { train: gates.train, ...scoring({ 1: 0.5, 2: 1.5 }) } },
  );
  await gates.training(1, 2);
  gates.open(1);
  await decided(session, 1);
  gates.open(2);
  await session.handle.result();
  const { records } = readLedger(session.world);
  expect(records[1]).toMatchObject({ verdict: 'discard', gain: -0.5, incumbent: { commit: 'base', value: 1 } });
});

it('measures one incumbent in two lanes under two numbers, and believes both', async () => {
  const noise = [0.01, -0.01, 0, 0.012, -0.012, 0.011, 0.009, -0.004, 0.006, -0.008, 0.003];
  const value = (commit: string, trial: number): number => {
    const centre = { base: 1, c1: 0.9, c2: 1.5, c3: 0.865, c4: 0.864 }[commit] ?? 2;
    return centre + (noise[(trial - 1) % noise.length] ?? 0);
  };
  const gates = createGates();
  const session = await startSession(
    { experiments: 4, rule: 'default', parallel: 2, lookahead: 0, audit: 'none' },
    { value, activities: { train: gates.train } },
  );
  await gates.training(1, 2);
  gates.open(1);
  await gates.training(2, 3);
  gates.open(2);
  await gates.training(3, 4);
  gates.open(3, 4);
  const { best } = await session.handle.result();
  const { records, course } = readLedger(session.world);
  const again = records.flatMap(({ trials }) => trials.filter(({ role }) => role === 'incumbent'));
  expect(again.length).toBeGreaterThan(1);
  expect(new Set(again.map(({ commit, trial }) => `${commit}/${trial}`)).size).toBe(again.length);
  const { commit, value: believed, stderr, trials } = course?.incumbent ?? {};
  expect({ commit, value: believed, stderr, trials }).toEqual({
    commit: best?.commit,
    value: best?.value,
    stderr: best?.stderr,
    trials: best?.trials,
  });
});
