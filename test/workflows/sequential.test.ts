// The sequential rule through the workflow: which trials it asks for, on which seeds, and what ends in the records.
import { expect, it } from 'vitest';
import { courseOf } from '../../src/domain/ledger-course.ts';
import { RULE_VERSION } from '../../src/domain/decide.ts';
import { resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { startSession, type FakeSession } from '../support/fake-session.ts';
import { contractOf, TRAINED } from '../support/fake-world.ts';
import { openEvent } from '../git/sandbox.ts';
import { until } from '../support/until.ts';

/** Seeds of the baseline spread by 0.01; experiment 1 is clearly better, 2 is worse, 3 looks better once. */
const NOISE = [0.01, -0.01, 0, 0.012, -0.012, 0.011, 0.009];
function value(commit: string, trial: number): number {
  if (commit === 'base') return 1 + (NOISE[(trial - 1) % NOISE.length] ?? 0);
  if (commit === 'c1') return 0.9 + (NOISE[(trial - 1) % NOISE.length] ?? 0);
  if (commit === 'c2') return 0.95;
  return trial === 1 ? 0.87 : 0.93;
}

const start = (input: object, options: Parameters<typeof startSession>[1] = { value }): Promise<FakeSession> =>
  startSession({ rule: 'default', audit: 'none', ...input }, options);

/** A machine on which this task used to be ten times as quiet. */
const open = async ({ session }: { session: string }) => ({ ...contractOf(session), earlierNoise: { test: 0.001 } });
/** Every seed gives the same value, but not the same seed twice. */
const strange = (commit: string, trial: number): number => (commit === 'base' && trial > 5 ? 1.1 : 1);

it('measures the baseline on five seeds and the first of them twice more', async () => {
  const { world, handle } = await start({ experiments: 1 });
  const best = await handle.result();
  const calls = world.calls.filter((call) => call.startsWith('train 0/'));
  expect(calls.slice(0, 7)).toEqual([
    ...[11, 12, 13, 14, 15].map((seed, k) => `train 0/${k + 1} seed ${seed}`),
    'train 0/6 seed 11',
    'train 0/7 seed 11',
  ]);
  expect(best.baseline?.trials).toBe(5);
  const baseline = world.events.find((event) => event.kind === 'baseline');
  expect(baseline?.kind === 'baseline' && baseline.trials.map(({ role }) => role)).toEqual([
    ...Array.from({ length: 5 }, () => 'baseline'),
    'repeat',
    'repeat',
  ]);
});

it('keeps after replicates on other seeds, screens out after one trial, and asks again where once was luck', async () => {
  const { world, handle } = await start({ experiments: 3, lookahead: 0 });
  const best = await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['keep', 'discard', 'discard']);
  const [kept, screened, lucky] = world.ended;
  expect(kept?.trials.filter(({ role }) => role === 'candidate').length).toBeGreaterThanOrEqual(2);
  expect(new Set(kept?.trials.map(({ seed }) => seed)).size).toBe(kept?.trials.length);
  expect(screened?.trials).toHaveLength(1);
  expect(lucky?.trials.filter(({ role }) => role === 'candidate').length).toBeGreaterThanOrEqual(2);
  expect(kept).toMatchObject({
    rule: 'default',
    ruleVersion: RULE_VERSION,
    assessment: { better: expect.any(Number) },
  });
  expect(best).toMatchObject({ best: { commit: 'c1', experiment: 1 }, gain: { claimed: expect.closeTo(0.1, 1) } });
  expect(best.best?.value).toBeGreaterThan(0.9); // believed less than its trials say
});

it('measures the incumbent again where the doubt is there, numbered on from its own trials', async () => {
  const { world, handle } = await start({ experiments: 3, lookahead: 0 });
  const best = await handle.result();
  const again = world.ended.flatMap(({ trials }) => trials.filter(({ role }) => role === 'incumbent'));
  expect(again.length).toBeGreaterThan(0);
  const own = world.ended[0]?.trials.filter(({ role }) => role === 'candidate').length ?? 0;
  const ofFirst = again.filter(({ commit }) => commit === 'c1');
  expect(ofFirst.map(({ trial }) => trial)).toEqual(ofFirst.map((_, k) => own + 1 + k));
  expect(best.best?.trials).toBe(own + ofFirst.length);
});

it('believes what its records alone would make a reader believe', async () => {
  const { world, handle } = await start({ experiments: 4 });
  const best = await handle.result();
  const read = courseOf({
    experiments: world.ended.map((record) => ({ version: 1, tree: '', edit: [], proposer: '', ...record })),
    events: [openEvent('base'), ...world.events],
  });
  expect(read?.incumbent).toMatchObject({
    value: best.best?.value,
    stderr: best.best?.stderr,
    trials: best.best?.trials,
  });
});

it('gives the same verdicts when every workflow task replays the whole history', async () => {
  const { world, handle } = await start({ experiments: 3, lookahead: 0 }, { value, maxCachedWorkflows: 0 });
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['keep', 'discard', 'discard']);
});

it('keeps every trial of an experiment that a person ended in the middle, and never the candidate', async () => {
  const { world, handle } = await start(
    { experiments: 2, lookahead: 0 },
    {
      value,
      activities: {
        train: async ({ experiment, trial }) => {
          if (experiment === 1 && trial === 2) await handle.executeUpdate(stopUpdate, { args: [{ now: true }] });
          return TRAINED;
        },
      },
    },
  );
  await handle.result();
  expect(world.ended[0]).toMatchObject({ verdict: 'undecided', trials: [{ trial: 1, value: 0.91 }] });
});

it('says aloud that the machine is much noisier than it used to be, and goes on', async () => {
  const { handle } = await start({ experiments: 1 }, { value, activities: { open } });
  await handle.result();
  expect((await handle.query(statusQuery)).notices).toEqual([
    expect.stringMatching(/^The noise is 0\.011, more than twice the 0\.001 of earlier sessions/),
  ]);
});

it('blocks on it where the person wants a strict machine, and judges by what is measured once it is mended', async () => {
  let scale = 1;
  const { world, handle } = await start(
    { experiments: 1, strictMachine: true },
    { value: (commit, trial) => 1 + scale * (value(commit, trial % 1600) - 1), activities: { open } },
  );
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toMatch(
    /more than twice .* Mend the machine, then resume: the baseline is measured anew\./,
  );
  expect(world.events).toEqual([]);
  scale = 0.01;
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  expect((await handle.result()).experiments.total).toBe(1);
  const baselines = world.events.flatMap((event) => (event.kind === 'baseline' ? [event] : []));
  expect(baselines.map(({ trials }) => trials.map(({ trial, seed }) => `${trial} ${seed}`))).toEqual([
    ['1601 11', '1602 12', '1603 13', '1604 14', '1605 15', '1606 11', '1607 11'],
  ]);
  expect((await handle.query(statusQuery)).baseline?.stderr).toBeLessThan(0.0005);
});

it('blocks where no seed changes anything but the same seed does, again for as long as it does', async () => {
  let fixed = false;
  const { world, handle } = await start(
    { experiments: 1 },
    { value: (commit, trial) => (fixed ? 1 : strange(commit, trial % 1600)) },
  );
  const blockedAfter = async (trainings: number): Promise<void> => {
    await until(async () => world.calls.filter((call) => call.startsWith('evaluate 0/')).length === trainings);
    await until(async () => (await handle.query(statusQuery)).status === 'blocked');
    expect((await handle.query(statusQuery)).reason).toMatch(/^Expected the baseline's first seed to give 1 again/);
  };
  await blockedAfter(7);
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await blockedAfter(14);
  expect(world.events).toEqual([]);
  fixed = true;
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  expect((await handle.result()).experiments).toMatchObject({ total: 1, discarded: 1 });
  expect(world.events[0]).toMatchObject({ kind: 'baseline', trials: Array.from({ length: 7 }, () => ({ value: 1 })) });
});

it('ends a session that is stopped at such a block without a baseline', async () => {
  const { world, handle } = await start({ experiments: 1 }, { value: strange });
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  expect((await handle.result()).baseline).toBeNull();
  expect(world.events.map(({ kind }) => kind)).toEqual(['end']);
});

it('says that a device is slower than it was, from identical code', async () => {
  const said: (readonly string[] | undefined)[] = [];
  const { handle } = await start(
    { experiments: 1 },
    {
      value: hopeless,
      activities: {
        train: async ({ trial }) => ({ ...TRAINED, facts: { steps: trial === 7 ? 900 : 1000 } }),
        propose: async ({ experiment, base }) => {
          said.push((await handle.query(statusQuery)).notices);
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
        },
      },
    },
  );
  await handle.result();
  expect(said).toEqual([['Drift: cpu ran base 10.0 % slower than before: 900 steps per second, 1000 before.']]);
});
const hopeless = (commit: string, trial: number): number => (commit === 'base' ? 1 + trial / 100 : 2);
