// What the machine spoils is trained again with the same seed; what the idea spoils is not.
import { expect, it } from 'vitest';
import type { Trained } from '../../activities/contract.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';
import { statusQuery, stopUpdate } from '../../workflows/messages.ts';

const KILLED: Trained = {
  ...TRAINED,
  failure: 'was ended by SIGKILL: step 3',
  crash: { class: 'killed-by-machine', fault: 'machine' },
};
const OOM: Trained = { ...TRAINED, failure: 'exited with code 1: MemoryError', crash: { class: 'oom', fault: 'idea' } };
const SHARED = 'another process (python with 2048 MB) had the GPU too';
const DISTURBED: Trained = { ...TRAINED, facts: { disturbed: SHARED } };

/** A session whose experiments train as scripted, one answer after another, then well; and the trainings that it asked for. */
async function scripted(answers: Record<number, Trained[]>, input: object = { experiments: 1, calibration: 1 }) {
  const trained: string[] = [];
  const session: FakeSession = await startSession(input, {
    activities: {
      train: async ({ experiment, trial, seed }) => {
        trained.push(`${experiment}/${trial} seed ${seed}`);
        return answers[experiment]?.shift() ?? TRAINED;
      },
    },
  });
  return { ...session, trained };
}
const AGAIN = 10_000_000_000;

it('trains again with the same seed what was killed from outside, and judges the run that was not', async () => {
  const { world, handle, trained } = await scripted({ 1: [KILLED, KILLED] });
  expect((await handle.result()).experiments).toMatchObject({ total: 1, discarded: 1 });
  expect(trained).toEqual(['0/1 seed 11', '1/1 seed 12', `1/${1 + AGAIN} seed 12`, `1/${1 + 2 * AGAIN} seed 12`]);
  const reason = "killed from outside (the machine's fault): was ended by SIGKILL: step 3";
  expect(world.ended[0]?.trials).toMatchObject([
    {
      trial: 1 + 2 * AGAIN,
      seed: 12,
      value: 1.1,
      earlier: [
        { trial: 1, value: null, seconds: 1, reason, fault: 'machine' },
        { trial: 1 + AGAIN, value: null, seconds: 1, reason, fault: 'machine' },
      ],
    },
  ]);
});

it('gives a trial up that is killed three times: failed, which says nothing of the candidate', async () => {
  const { world, handle, trained } = await scripted({ 1: [KILLED, KILLED, KILLED] });
  expect((await handle.result()).experiments).toMatchObject({ total: 1, failed: 1, crashed: 0 });
  expect(trained).toHaveLength(4);
  expect(world.ended[0]).toMatchObject({
    verdict: 'failed',
    value: null,
    reason: "killed from outside (the machine's fault): was ended by SIGKILL: step 3",
    trials: [{ crash: { class: 'killed-by-machine', fault: 'machine' }, earlier: [{}, {}] }],
  });
});

it("never trains again after the idea's own crash, and says its class in the reason", async () => {
  const { world, handle, trained } = await scripted({ 1: [OOM] });
  expect((await handle.result()).experiments).toMatchObject({ crashed: 1 });
  expect(trained).toEqual(['0/1 seed 11', '1/1 seed 12']);
  expect(world.ended[0]).toMatchObject({
    verdict: 'crash',
    reason: 'out of memory: exited with code 1: MemoryError',
    trials: [{ crash: { class: 'oom', fault: 'idea' } }],
  });
});

it('says the class of what the scorer finds, too', async () => {
  const { world, handle } = await startSession(
    { experiments: 1, calibration: 1 },
    {
      activities: {
        evaluate: async ({ experiment }) =>
          experiment === 1
            ? { kind: 'none', failure: 'Expected finite logits.', crash: { class: 'nan', fault: 'idea' } }
            : { kind: 'value', value: 1, metrics: {}, tier: 'B' },
      },
    },
  );
  await handle.result();
  expect(world.ended[0]).toMatchObject({ verdict: 'crash', reason: 'NaN or infinity: Expected finite logits.' });
});

it('trains a baseline again, too, before it asks a person', async () => {
  const { handle, trained } = await scripted({ 0: [KILLED, KILLED, KILLED] });
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect(trained).toEqual(['0/1 seed 11', `0/${1 + AGAIN} seed 11`, `0/${1 + 2 * AGAIN} seed 11`]);
  expect((await handle.query(statusQuery)).reason).toContain("killed from outside (the machine's fault)");
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  await handle.result();
});

it('trains once more with the same seed what was disturbed on its device, and keeps the first value in the record', async () => {
  const { world, handle, trained } = await scripted({ 1: [DISTURBED] });
  await handle.result();
  expect(trained).toEqual(['0/1 seed 11', '1/1 seed 12', `1/${1 + AGAIN} seed 12`]);
  const [trial] = world.ended[0]?.trials ?? [];
  expect(trial?.disturbed).toBeUndefined();
  expect(trial?.earlier).toEqual([{ trial: 1, value: 1.1, seconds: 1, reason: SHARED, fault: 'disturbed' }]);
});

it('takes a device that is disturbed all the time as it is, until a trial has it for itself again', async () => {
  const { world, handle, trained } = await scripted(
    { 1: [DISTURBED, DISTURBED], 2: [DISTURBED], 3: [TRAINED], 4: [DISTURBED] },
    { experiments: 4, calibration: 1 },
  );
  await handle.result();
  const runs = [1, 2, 3, 4].map((experiment) => trained.filter((call) => call.startsWith(`${experiment}/`)).length);
  expect(runs).toEqual([2, 1, 1, 2]);
  expect(world.ended[1]?.trials[0]?.disturbed).toBe(SHARED);
});

it('counts the time of every run, and makes the same decisions when every workflow task replays the whole history', async () => {
  const trained: number[] = [];
  const { world, handle } = await startSession(
    { experiments: 1, calibration: 1 },
    {
      maxCachedWorkflows: 0,
      activities: {
        train: async ({ experiment, trial }) => {
          if (experiment === 1) trained.push(trial);
          return experiment === 1 && trained.length < 3 ? { ...KILLED, seconds: 1800 } : { ...TRAINED, seconds: 3600 };
        },
      },
    },
  );
  await handle.result();
  expect(trained).toEqual([1, 1 + AGAIN, 1 + 2 * AGAIN]);
  expect(world.ended).toHaveLength(1);
  expect((await handle.query(statusQuery)).spent.gpuHours).toBeCloseTo(3, 10);
});

it('trains an audit again with the very seed that was drawn for it', async () => {
  const seeds: (number | string)[] = [];
  const drawn = { ...KILLED, seed: 4242 };
  const { handle } = await startSession(
    { experiments: 1, calibration: 1, audit: 'end' },
    {
      value: (commit) => (commit === 'base' ? 1 : 0.9),
      activities: {
        train: async ({ trial, seed }) => {
          if (trial % AGAIN !== 1_000_000) return seed === 'fresh' ? { ...TRAINED, seed: 1 } : TRAINED;
          seeds.push(seed);
          return seeds.length === 1 ? drawn : TRAINED;
        },
      },
    },
  );
  expect((await handle.result()).status).toBe('done');
  expect(seeds).toEqual(['fresh', 4242]);
});

it('fails an experiment whose later trial the machine spoils every time, and keeps the trials that it had', async () => {
  const { world, handle } = await startSession(
    { rule: 'default', experiments: 1, calibration: 3, audit: 'none' },
    {
      value: (commit, trial) => (commit === 'base' ? 1 + (trial - 2) / 100 : 0.9),
      activities: {
        train: async ({ experiment, trial }) => (experiment === 1 && trial % AGAIN === 2 ? KILLED : TRAINED),
      },
    },
  );
  await handle.result();
  expect(world.ended[0]).toMatchObject({
    verdict: 'failed',
    trials: [{ value: 0.9 }, { value: null, earlier: [{}, {}] }],
  });
});
