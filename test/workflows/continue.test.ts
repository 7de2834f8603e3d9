// A night that continues as new wherever it can, beside the same night in one run: same records, same verdicts, and
// nothing done twice.
import { Context } from '@temporalio/activity';
import { ApplicationFailure, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import type { Scored } from '../../src/domain/scored.ts';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import type { BestReport } from '../../src/domain/best-report.ts';
import type { researchSession } from '../../workflows/index.ts';
import { extendUpdate, hintUpdate, pauseUpdate, resumeUpdate, statusQuery } from '../../workflows/messages.ts';
import { historyTexts } from '../replay/history.ts';
import { TRAINED } from '../support/fake-world.ts';
import { startFakeWorld, type FakeWorld, type FakeWorldOptions } from '../support/fake-world.ts';
import { startShortRunServer, type ShortRunServer } from '../support/short-run-server.ts';
import { until } from '../support/until.ts';

/** The server suggests to continue from a run's second workflow task on: at the end of each experiment. */
const AT_EVERY_EXPERIMENT = 4;
const SESSION = 'a-night';
type Session = WorkflowHandle<typeof researchSession>;

/** 1 and 9 are worse, 2, 8 and 10 better, 3 crashes, 4 to 6 fail, 7 is dropped; and a person does what a person can. */
function night(session: () => Session, calls: string[]): Partial<Activities> {
  const troubles = new Set(['a bad key', 'a worker that ends']);
  return {
    propose: async ({ experiment, base, rebase }) => {
      calls.push(`propose ${experiment}${rebase ? ' again' : ''} on ${base}`);
      if (experiment === 4 && troubles.delete('a bad key')) throw failure('The key is not valid.', 'Blocked');
      if (experiment === 7) return { kind: 'dropped', reason: 'a duplicate', hypothesis: 'the same again' };
      return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` };
    },
    train: async ({ experiment, trial, seed, measuredOn }) => {
      const where = `for ${measuredOn?.deviceClass ?? 'any'} on ${Context.current().info.taskQueue}`;
      calls.push(`train ${experiment}/${trial} with seed ${seed} ${where}`);
      if (experiment >= 4 && experiment <= 6) throw failure('The device fell over.', 'Error');
      if (experiment !== 8 || !troubles.delete('a worker that ends')) return TRAINED;
      const details = [{ hostId: 'host', device: 'cpu' }];
      throw ApplicationFailure.create({ type: 'WorkerShutdown', message: 'bye', details });
    },
    evaluate: async ({ experiment, trial }) => {
      calls.push(`evaluate ${experiment}/${trial}`);
      if (experiment === 1) await session().executeUpdate(hintUpdate, { args: [{ text: 'a smaller batch' }] });
      if (experiment === 1) await session().executeUpdate(extendUpdate, { args: [{ experiments: 1 }] });
      if (experiment === 8) await session().executeUpdate(pauseUpdate, { args: [{}] });
      return scoreOf(experiment);
    },
  };
}

const failure = (message: string, type: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, type);

function scoreOf(experiment: number): Scored {
  if (experiment === 3) return { kind: 'none', failure: 'Expected `loss` to be a finite number, got nan.' };
  const value = experiment === 0 ? 1 : [2, 8, 10].includes(experiment) ? 1 - experiment / 100 : 2;
  const failedCheck = experiment === 9 ? { failedCheck: 'tests: exit code 1' } : {};
  return { kind: 'value', value, metrics: {}, tier: 'B', ...failedCheck };
}

/** The calls after which the night waits for a person: a bad key, three failures in a row, a pause. */
const THEN_IT_WAITS = ['propose 4', 'train 6', 'evaluate 8'];

/** Resumes whatever waits, to the end; the report, and what was waited for. */
async function watchOver(session: Session, calls: readonly string[]): Promise<{ report: BestReport; waits: string[] }> {
  const waits: string[] = [];
  let over = false;
  const result = session.result().finally(() => {
    over = true;
  });
  for (const call of THEN_IT_WAITS) {
    await until(() => over || calls.some((made) => made.startsWith(call)));
    const wait = await until(async () => {
      const { status, reason } = await session.query(statusQuery);
      return over ? 'nothing' : (status === 'blocked' || status === 'paused') && `${status}: ${reason ?? ''}`;
    });
    waits.push(wait);
    if (!over) await session.executeUpdate(resumeUpdate, { args: [{}] });
  }
  return { report: await result, waits };
}

/** Plays the night; how many runs it took, and everything that it said and did, without the times. */
async function play(address: string, options: FakeWorldOptions = {}): Promise<{ runs: number; story: object }> {
  const calls: string[] = [];
  const session = (): Session => world.client.workflow.getHandle(SESSION);
  const place = { address, workflowBundlePath: inject('workflowBundlePath') };
  const world: FakeWorld = await startFakeWorld(place, { ...options, activities: night(session, calls) });
  try {
    const args = [{ experiments: 8, calibration: 2, rule: 'greedy' }];
    const { workflow } = world.client;
    const started = await workflow.start('researchSession', { workflowId: SESSION, taskQueue: CONTROL_QUEUE, args });
    const { report, waits } = await watchOver(session(), calls);
    const { hints, last, budget } = await session().query(statusQuery);
    const { length: runs } = await historyTexts(world.client, SESSION, started.firstExecutionRunId);
    const records = world.ended.map((record) => ({ ...record, startedAt: '', endedAt: '' }));
    const events = world.events.map((event) => ({ ...event, at: '' }));
    // A proposal is made while a device trains: which of the two calls comes first is chance.
    const done = [...calls, ...world.calls].toSorted();
    return { runs, story: { report, waits, hints, last, budget, records, events, kept: world.kept, done } };
  } finally {
    await world.stop();
  }
}

let shortRuns: ShortRunServer | undefined;
let undisturbed: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  shortRuns = await startShortRunServer(AT_EVERY_EXPERIMENT);
  undisturbed = await play(inject('temporalAddress'));
});
afterAll(async () => shortRuns?.stop());

it('is a night of one run in which everything happens', () => {
  expect(undisturbed.runs).toBe(1);
  expect(undisturbed.story).toMatchObject({
    report: { experiments: { total: 9, kept: 3, discarded: 2, crashed: 1, failed: 3, dropped: 1 } },
    hints: ['a smaller batch'],
  });
});

it('gives the same records and verdicts when it continues as new after every experiment', async () => {
  const { runs, story } = await play(shortRuns?.address ?? '');
  expect(runs).toBe(10); // the calibration's, then one for each experiment, but for the dropped one, which takes no time
  expect(story).toEqual(undisturbed.story);
});

it('gives the same records and verdicts when its worker forgets it after every event', async () => {
  const { story } = await play(inject('temporalAddress'), { maxCachedWorkflows: 0 });
  expect(story).toEqual(undisturbed.story);
});
