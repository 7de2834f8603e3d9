// What Temporal and the session workflow cost: sessions whose activities do nothing, side by side with as many empty
// activities in a row, in one process on a server of our own, turn by turn. Times are the server's.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { z } from 'zod';
import type { Activities } from '../activities/contract.ts';
import { CONTROL_QUEUE } from '../src/domain/names.ts';
import { registerSearchAttributes } from '../src/search-attributes.ts';
import { startFakeWorld, type FakeWorld, type FakeWorldOptions } from '../test/support/fake-world.ts';
import { EMPTY_QUEUE, type emptyActivities } from './empty-activities.ts';
import { hundredths, milliseconds, tenths } from './figures.ts';
import { activityEvents, spanBetween, type Span } from './history.ts';
import { atMost, told, type Bench, type Part, type Row } from './part.ts';
import { withOwnServer, type Place } from './own-server.ts';
import { median } from './statistics.ts';

const EXPERIMENTS = 40;
const ROUNDS = 3;
const WARM_UP = 3;
/** propose, train, evaluate, and commit or revert; a keep that outdates the look-ahead adds another propose. */
const ACTIVITIES_PER_EXPERIMENT = 4;
const RATIO_BOUND = 1.3;
const EVENTS_BOUND = 32;
const EMPTY_WORKFLOWS = 'bench-empty-workflows';

const spanSchema = z.object({ milliseconds: z.number(), activities: z.number(), events: z.number() });
const measuredSchema = z.object({
  sessions: z.array(spanSchema),
  empties: z.array(spanSchema),
  /** A session of which every experiment is kept: the most events. */
  keeps: spanSchema,
});
type Measured = z.output<typeof measuredSchema>;

/** Orchestration of one experiment against empty activities, and its history events. */
export const orchestrationPart: Part = {
  name: 'orchestration',
  about: 'an experiment with no-op activities against as many empty activities; history events',
  measure: async (bench) => {
    const experiments = bench.options.experiments ?? EXPERIMENTS;
    const key = `${ROUNDS} rounds of ${experiments} experiments`;
    return rowsOf(
      await bench.piece(key, measuredSchema, () =>
        withOwnServer(bench, (place) => sideBySide(bench, place, experiments)),
      ),
      experiments,
    );
  },
};

function rowsOf({ sessions, empties, keeps }: Measured, experiments: number): Row[] {
  const perExperiment = (of: (span: Span) => number): number => median(sessions.map((span) => of(span) / experiments));
  const activities = `${tenths(perExperiment((span) => span.activities))} activities`;
  const session = perExperiment((span) => span.milliseconds);
  const events = perExperiment((span) => span.events);
  return [
    told(`one experiment of no-op activities (${activities})`, milliseconds(session)),
    told('one empty activity in a row of them', milliseconds(perActivity(empties))),
    atMost(
      'experiment / as many empty activities',
      perActivity(sessions) / perActivity(empties),
      RATIO_BOUND,
      hundredths,
    ),
    atMost('history events per experiment', events, EVENTS_BOUND, tenths),
    atMost('history events per experiment, each one kept', keeps.events / experiments, EVENTS_BOUND, tenths),
  ];
}

/** Milliseconds for each activity in a row, the median of the rounds. */
const perActivity = (spans: readonly Span[]): number =>
  median(spans.map((span) => span.milliseconds / span.activities));

async function sideBySide(bench: Bench, place: Place, experiments: number): Promise<Measured> {
  const [sessions, empties]: [Span[], Span[]] = [[], []];
  await withWorkers(place, {}, async (world) => {
    await bench.during('warming up', async () => {
      await emptySpan(world, WARM_UP * ACTIVITIES_PER_EXPERIMENT);
      await sessionSpan(world, WARM_UP);
    });
    for (let round = 1; round <= ROUNDS; round++) {
      await bench.during(`round ${round} of ${ROUNDS}`, async () => {
        empties.push(await emptySpan(world, experiments * ACTIVITIES_PER_EXPERIMENT));
        sessions.push(await sessionSpan(world, experiments));
      });
    }
  });
  const keeps = await withWorkers(place, { value: alwaysBetter }, (world) =>
    bench.during('every experiment kept', () => sessionSpan(world, experiments)),
  );
  return { sessions, empties, keeps };
}

/** The value of the fake world's commits: `base`, then `c1`, `c2`, … */
const alwaysBetter = (commit: string): number => (commit === 'base' ? 1 : 1 - Number(commit.slice(1)) / 1e4);

/** The session's workers and the yardstick's, in this process, while `act` runs. */
async function withWorkers<T>(
  place: Place,
  options: FakeWorldOptions,
  act: (world: FakeWorld) => Promise<T>,
): Promise<T> {
  // As in the product, sessions make their state searchable: that costs events.
  const searchAttributes: string[] = [];
  const open: Activities['open'] = async ({ session }) => ({ ...world.contract(session), searchAttributes });
  const world: FakeWorld = await startFakeWorld(place, { ...options, activities: { open } });
  const { namespace } = world.client.options;
  const connection = await NativeConnection.connect({ address: place.address });
  searchAttributes.push(...(await registerSearchAttributes(connection, namespace)));
  const workers = await Promise.all([
    Worker.create({
      connection,
      namespace,
      taskQueue: EMPTY_WORKFLOWS,
      workflowsPath: join(import.meta.dirname, 'empty-activities.ts'),
    }),
    Worker.create({ connection, namespace, taskQueue: EMPTY_QUEUE, activities: { empty: async () => {} } }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    return await act(world);
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
    await connection.close();
    await world.stop();
  }
}

async function sessionSpan({ client }: FakeWorld, experiments: number): Promise<Span> {
  const workflowId = `bench-${randomUUID()}`;
  // One trial for each experiment: what is measured is what an experiment costs, not what a rule asks for.
  const args = [{ experiments, rule: 'greedy' }];
  await client.workflow.execute('researchSession', { workflowId, taskQueue: CONTROL_QUEUE, args });
  return spanBetween(await activityEvents(client, workflowId), 'record');
}

/** Two more than counted: the first and the last only mark the span's ends, as a session's records do. */
async function emptySpan({ client }: FakeWorld, count: number): Promise<Span> {
  const workflowId = `bench-${randomUUID()}`;
  const args: [number] = [count + 2];
  await client.workflow.execute<typeof emptyActivities>('emptyActivities', {
    workflowId,
    taskQueue: EMPTY_WORKFLOWS,
    args,
  });
  return spanBetween(await activityEvents(client, workflowId), 'empty');
}
