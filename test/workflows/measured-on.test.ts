// Numbers of another class of device, or of other data, are never compared with those of the baseline's first trial.
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import type { Activities, Trained, TrainInput } from '../../activities/contract.ts';
import { begin } from '../../src/domain/course.ts';
import { NO_COUNTS } from '../../src/domain/counts.ts';
import { newTrial } from '../domain/trials.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { contractOf, TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';
import { resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';

const SHARED = 'autoresearch-gpu';
const OWN = `${SHARED}@host/cpu`;
const OTHER = { hostId: 'other', device: 'gpu0', deviceClass: 'another' };

/** As a device of another class answers. */
const refused = (): ApplicationFailure =>
  ApplicationFailure.create({ type: 'OtherClass', message: 'no', nonRetryable: true, details: [OTHER] });

/** A session whose trainings are answered by `answer`, and on which queue each was asked for. */
async function devices(
  answer: (input: TrainInput, queue: string) => Trained,
  more: { readonly input?: object; readonly activities?: Partial<Activities> } = {},
) {
  const asked: string[] = [];
  const session: FakeSession = await startSession(
    { experiments: 1, calibration: 1, ...more.input },
    {
      activities: {
        train: async (input) => {
          const queue = Context.current().info.taskQueue;
          asked.push(`${input.experiment}/${input.trial} seed ${input.seed} ${queue}`);
          return answer(input, queue);
        },
        ...more.activities,
      },
    },
  );
  const status = () => session.handle.query(statusQuery);
  const blocked = () => until(async () => (await status()).status === 'blocked');
  const resume = () => session.handle.executeUpdate(resumeUpdate, { args: [{}] });
  return { ...session, asked, status, blocked, resume };
}

it('asks the device of its class itself for what another class took, says so once, and tells every device what it wants', async () => {
  const wanted = new Set<string>();
  const { handle, asked, status } = await devices(
    ({ experiment, measuredOn }, queue) => {
      if (experiment > 0) wanted.add(`${measuredOn?.deviceClass} ${measuredOn?.dataHash}`);
      if (experiment > 0 && queue === SHARED) throw refused();
      return TRAINED;
    },
    { input: { experiments: 2 } },
  );
  expect((await handle.result()).experiments).toMatchObject({ total: 2, discarded: 2 });
  expect(asked).toEqual([
    `0/1 seed 11 ${SHARED}`,
    `1/1 seed 12 ${SHARED}`,
    `1/1 seed 12 ${OWN}`,
    `2/1 seed 13 ${SHARED}`,
    `2/1 seed 13 ${OWN}`,
  ]);
  expect([...wanted]).toEqual(['test data']);
  expect((await status()).notices).toEqual([
    "another (other/gpu0) takes trainings too, but this session's numbers are of test, and those of different classes are never compared: its trials go to test alone.",
  ]);
});

it('judges nothing that a device of another class trained all the same, baseline and audit included', async () => {
  const scored: string[] = [];
  const { world, handle } = await devices(
    ({ trial }, queue) => (queue === SHARED && trial !== 1 ? { ...TRAINED, ...OTHER } : TRAINED),
    {
      input: { calibration: 3, audit: 'end' },
      activities: {
        evaluate: async ({ experiment, trial }) => {
          scored.push(Context.current().info.taskQueue);
          return { kind: 'value', value: 1 - experiment / 10 + trial / 1e9, metrics: {}, tier: 'B' };
        },
      },
    },
  );
  expect((await handle.result()).experiments.kept).toBe(1);
  expect(new Set(scored)).toEqual(new Set([OWN]));
  const trials = [...world.events, ...world.ended].flatMap((one) => ('trials' in one ? one.trials : []));
  expect(trials).toHaveLength(3 + 16 + 1);
  expect(new Set(trials.map(({ deviceClass }) => deviceClass))).toEqual(new Set(['test']));
});

it('is blocked once the last device of its class is another one by now, and goes on when there is one again', async () => {
  let gone = true;
  const { handle, asked, status, blocked, resume } = await devices(({ experiment }) => {
    if (experiment > 0 && gone) throw refused();
    return TRAINED;
  });
  await blocked();
  expect((await status()).reason).toMatch(
    /^Expected a device of class test, .* \(last host\/cpu\), got no sign of one, only another \(other\/gpu0\), .* then resume; or stop/,
  );
  expect(asked.slice(1).map((ask) => ask.split(' ').at(-1))).toEqual([SHARED, OWN, OWN]);
  gone = false;
  await resume();
  expect((await handle.result()).experiments.discarded).toBe(1);
});

it('is blocked when the host of its class is lost and only another class is there', async () => {
  const { handle, asked, status, blocked } = await devices(
    ({ experiment }) => {
      if (experiment > 1) throw refused();
      // Nobody polls its own queue; and it is the one that trained last.
      return experiment === 1 ? { ...TRAINED, hostId: 'lost', failure: 'exit code 1' } : TRAINED;
    },
    {
      input: { experiments: 2, lookahead: 0 },
      activities: { open: async ({ session }) => ({ ...contractOf(session), hostLostSeconds: 1 }) },
    },
  );
  await blocked();
  expect((await status()).reason).toContain('(last lost/cpu)');
  // After each silence any device is asked: one of the class may be there by now.
  expect(asked.filter((ask) => ask.startsWith('2/'))).toHaveLength(3);
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  expect((await handle.result()).status).toBe('done');
});

it('is blocked by other data, names the host and both, and measures that trial again after resume', async () => {
  let spoiled = true;
  const { world, handle, status, blocked, resume } = await devices(({ experiment }) =>
    experiment > 0 && spoiled ? { ...TRAINED, hostId: 'other', dataHash: 'other-bytes-altogether' } : TRAINED,
  );
  await blocked();
  expect((await status()).reason).toMatch(
    /^Expected host other \(cpu\) to have the data that the baseline was measured on, data, got other-bytes-, .*: make `prepare` bring the same bytes there .* then resume\.$/,
  );
  spoiled = false;
  await resume();
  expect((await handle.result()).experiments).toMatchObject({ total: 1, discarded: 1, failed: 0 });
  expect(world.ended[0]?.trials.map(({ dataHash }) => dataHash)).toEqual(['data']);
});

it('keeps every lane on the class of the baseline', async () => {
  const { world, handle } = await devices(
    ({ experiment }, queue) => {
      if (experiment % 2 === 1 && queue === SHARED) throw refused();
      return TRAINED;
    },
    { input: { experiments: 6, parallel: 3 } },
  );
  expect((await handle.result()).experiments.total).toBe(6);
  expect(world.ended.flatMap(({ trials }) => trials).every(({ deviceClass }) => deviceClass === 'test')).toBe(true);
});

it('holds what a continued session was measured on, as its ledger has it', async () => {
  const trials = [newTrial({ deviceClass: 'test', dataHash: 'data', hostId: 'host' })];
  const continued = {
    input: { experiments: 1, lookahead: 0, rule: 'greedy' },
    course: begin({ commit: 'base', trials, prior: 0.1 }, 'minimize', null),
    measuredOn: { deviceClass: 'test', dataHash: 'data', hostId: 'host', device: 'cpu' },
    tier: 'A',
    counts: NO_COUNTS,
    trainedSeconds: 60,
    nextExperiment: 1,
    nextEvent: 2,
    givenOut: 0,
    last: [],
  } as const;
  const { handle, asked } = await devices(
    (_input, queue) => {
      if (queue === SHARED) throw refused();
      return TRAINED;
    },
    { activities: { open: async ({ session }) => ({ ...contractOf(session), continued }) } },
  );
  expect((await handle.result()).experiments.total).toBe(1);
  expect(asked).toEqual([`1/1 seed 12 ${SHARED}`, `1/1 seed 12 ${OWN}`]);
});
