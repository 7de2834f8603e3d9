// A night in three lanes, in which a third of all ideas is better: continued as new wherever it can be, and forgotten by
// its worker after every event. Which lane ends first is chance; what the ledger promises is not.
import { Context } from '@temporalio/activity';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import { historyTexts } from '../replay/history.ts';
import { startFakeWorld, TRAINED, type FakeWorldOptions } from '../support/fake-world.ts';
import { readLedger } from '../support/lanes.ts';
import { startShortRunServer, type ShortRunServer } from '../support/short-run-server.ts';

const SESSION = 'a-night-in-lanes';
const EXPERIMENTS = 9;

let shortRuns: ShortRunServer | undefined;
beforeAll(async () => {
  shortRuns = await startShortRunServer(4);
});
afterAll(async () => shortRuns?.stop());

const train: Activities['train'] = async ({ experiment }) => {
  await Context.current().sleep(experiment === 0 ? 1 : 20 * ((experiment * 7) % 5));
  return TRAINED;
};

/** Each takes another time, so that they come in another order than their numbers. */
const propose: Activities['propose'] = async ({ experiment, base, rebase }) => {
  if (!rebase) await Context.current().sleep(1 + 20 * ((experiment * 5) % 4));
  return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
};

async function play(address: string, options: FakeWorldOptions = {}, more: object = {}): Promise<number> {
  const world = await startFakeWorld(
    { address, workflowBundlePath: inject('workflowBundlePath') },
    { ...options, activities: { train, ...options.activities } },
  );
  try {
    const input = { experiments: EXPERIMENTS, calibration: 1, rule: 'greedy', parallel: 3, lookahead: 2, ...more };
    const { workflow } = world.client;
    const started = await workflow.start('researchSession', {
      workflowId: SESSION,
      taskQueue: CONTROL_QUEUE,
      args: [input],
    });
    const best = await started.result();
    const { records, course } = readLedger(world);
    expect(best.experiments.total).toBe(EXPERIMENTS);
    expect(records.filter(({ verdict }) => verdict !== 'dropped')).toHaveLength(EXPERIMENTS);
    expect(records.some(({ order }) => order !== undefined)).toBe(true);
    expect(course?.incumbent).toMatchObject({ commit: best.best?.commit, value: best.best?.value });
    const kept = records.filter(({ verdict }) => verdict === 'keep');
    expect(kept.map(({ base }) => base)).toEqual(['base', ...kept.map(({ candidate }) => candidate)].slice(0, -1));
    const overtaken = records.filter((record) => record.overtaken === true);
    expect(
      overtaken.every(
        ({ experiment }) => records.some(({ parent }) => parent === experiment) || experiment > EXPERIMENTS - 3,
      ),
    ).toBe(true);
    return (await historyTexts(world.client, SESSION, started.firstExecutionRunId)).length;
  } finally {
    await world.stop();
  }
}

it('keeps what a ledger promises when it continues as new after every few experiments', async () => {
  expect(await play(shortRuns?.address ?? '')).toBeGreaterThan(3);
});

it('keeps what a ledger promises when its worker forgets it after every event', async () => {
  expect(await play(inject('temporalAddress'), { maxCachedWorkflows: 0 })).toBeGreaterThan(0);
});

it('keeps what a ledger promises when a model makes proposals at once, each in its own time', async () => {
  const model = { proposer: 'anthropic', lookahead: 3 };
  expect(await play(shortRuns?.address ?? '', { activities: { propose } }, model)).toBeGreaterThan(3);
  expect(await play(inject('temporalAddress'), { maxCachedWorkflows: 0, activities: { propose } }, model)).toBe(1);
});
