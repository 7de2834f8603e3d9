// A session far longer than a night, with activities that do nothing: what it costs in memory and history, and how fast
// it answers at its end.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CONTROL_QUEUE } from '../src/domain/names.ts';
import { startFakeWorld, type FakeWorld } from '../test/support/fake-world.ts';
import { megabytes, milliseconds } from './figures.ts';
import { withOwnServer, type Place } from './own-server.ts';
import { atMost, told, type Bench, type Part } from './part.ts';
import { quantile } from './statistics.ts';

const EXPERIMENTS = 3000;
/** What the worker's process may grow by between a tenth of the session and its end. */
const GROWTH_BOUND_MB = 60;
/** A run continues as new when the server suggests it, at 4,096 events; one experiment and the drain come on top. */
const EVENTS_BOUND = 4200;
const QUERY_BOUND_MS = 100;
const LOOK_MS = 3000;

const measuredSchema = z.object({
  runs: z.number(),
  mostEvents: z.number(),
  /** Resident memory of the worker's process at a tenth of the session, and its most. MB. */
  early: z.number(),
  most: z.number(),
  /** Milliseconds, 95th percentile over the whole session while it runs. */
  status: z.number(),
  best: z.number(),
});
type Measured = z.output<typeof measuredSchema>;

/** Memory, history and answers of a session of 3,000 experiments. */
export const longPart: Part = {
  name: 'long',
  about: 'memory, history and queries of a session of 3,000 experiments; a quarter of an hour',
  slow: true,
  measure: async (bench) => {
    const experiments = bench.options.experiments ?? EXPERIMENTS;
    const measured = await bench.piece(`${experiments} experiments`, measuredSchema, () =>
      withOwnServer(bench, (place) => measure(bench, place, experiments)),
    );
    return [
      told('runs of the session', String(measured.runs)),
      atMost('history events of the longest run', measured.mostEvents, EVENTS_BOUND, String),
      atMost(
        `growth of a worker's memory from experiment ${experiments / 10} to ${experiments}`,
        measured.most - measured.early,
        GROWTH_BOUND_MB,
        megabytes,
      ),
      atMost('query `status` while it runs, p95', measured.status, QUERY_BOUND_MS, milliseconds),
      atMost('query `best` while it runs, p95', measured.best, QUERY_BOUND_MS, milliseconds),
    ];
  },
};

async function measure(bench: Bench, place: Place, experiments: number): Promise<Measured> {
  const world = await startFakeWorld(place, {});
  try {
    const workflowId = `long-${randomUUID()}`;
    const args = [{ experiments }];
    const handle = await world.client.workflow.start('researchSession', {
      workflowId,
      taskQueue: CONTROL_QUEUE,
      args,
    });
    const looks = { status: [] as number[], best: [] as number[], memory: [] as number[] };
    let early = 0;
    const look = async (): Promise<void> => {
      const resident = process.memoryUsage().rss / 1e6;
      looks.memory.push(resident);
      looks.status.push(await timed(() => handle.query('status')));
      looks.best.push(await timed(() => handle.query('best')));
      const { experiments: counts } = await handle.query<{ experiments: { total: number } }>('best');
      if (early === 0 && counts.total >= experiments / 10) early = resident;
    };
    // The last look may find the session closed, which is no answer of a running one.
    const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
    try {
      await bench.during(`${experiments} experiments`, () => handle.result());
    } finally {
      clearInterval(timer);
    }
    const events = await eventsOfRuns(world, workflowId);
    return {
      runs: events.length,
      mostEvents: Math.max(...events),
      early,
      most: Math.max(...looks.memory),
      status: quantile(looks.status, 0.95),
      best: quantile(looks.best, 0.95),
    };
  } finally {
    await world.stop();
  }
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await ask();
  return performance.now() - startedAt;
}

async function eventsOfRuns({ client }: FakeWorld, workflowId: string): Promise<number[]> {
  const lengths: number[] = [];
  for await (const { historyLength } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    lengths.push(historyLength ?? 0);
  return lengths;
}
