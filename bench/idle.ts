// How long a device waits between two trials: from the completion of one trial's scoring (the server's clock) to the
// start of the next trial's command (the supervisor's clock; the same machine). The real product, proposer `search`.
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import type { Trial } from '../src/domain/experiment.ts';
import { activityEvents, eventsOfOneTrial, type ActivityEvent } from './history.ts';
import { seconds, tenths } from './figures.ts';
import { atMost, told, type Bench, type Part, type Row } from './part.ts';
import { createProduct, type Product } from './product.ts';
import type { Project } from './project.ts';
import { mean } from '../src/domain/noise.ts';
import { quantile } from './statistics.ts';

const EXPERIMENTS = 15;
const TRIAL_SECONDS = 2;
const P50_BOUND_SECONDS = 0.5;
const EVENTS_BOUND = 32;

const gapSchema = z.object({
  /** From the completion of a scoring to the start of the next training's command; the next three add up to it. */
  idle: z.number(),
  toScheduled: z.number(),
  toPickedUp: z.number(),
  toCommand: z.number(),
});
type Gap = z.output<typeof gapSchema>;
const measuredSchema = z.object({ gaps: z.array(gapSchema), eventsPerExperiment: z.number() });
type Measured = z.output<typeof measuredSchema>;

/** Device idle between trials, on both projects. */
export const idlePart: Part = {
  name: 'idle',
  about: 'how long the device waits between two trials',
  measure: async (bench) => [...(await rowsOn('byte-lm', bench)), ...(await rowsOn('small', bench))],
};

async function rowsOn(project: Project, bench: Bench): Promise<Row[]> {
  const { experiments = EXPERIMENTS, trialSeconds = TRIAL_SECONDS } = bench.options;
  const key = `${project}, ${experiments} experiments of ${trialSeconds} s`;
  const measured = await bench.piece(key, measuredSchema, () => measure(project, bench, experiments, trialSeconds));
  const { gaps, eventsPerExperiment } = measured;
  const idle = gaps.map((gap) => gap.idle);
  const half = (pick: (gap: Gap) => number): string => seconds(quantile(gaps.map(pick), 0.5));
  const count = `${project}, ${gaps.length} gaps`;
  return [
    atMost(`device idle between trials, p50 (${count})`, quantile(idle, 0.5), P50_BOUND_SECONDS, seconds),
    told(`device idle between trials, p90 (${count})`, seconds(quantile(idle, 0.9))),
    told(
      `  of it, p50 each: until scheduled, picked up, command (${project})`,
      [half((gap) => gap.toScheduled), half((gap) => gap.toPickedUp), half((gap) => gap.toCommand)].join(', '),
    ),
    atMost(
      `history events per experiment of one trial, real session (${project})`,
      eventsPerExperiment,
      EVENTS_BOUND,
      tenths,
    ),
  ];
}

async function measure(project: Project, bench: Bench, experiments: number, trialSeconds: number): Promise<Measured> {
  const product = await createProduct(project, bench.say);
  try {
    const session = `idle-${project}`;
    await bench.during(`starting ${session}`, () =>
      product.start(session, { experiments, trialSeconds, calibration: 2, rule: 'greedy', seed: 1 }),
    );
    await bench.during(`${session}: ${experiments} experiments`, () => product.ended(session));
    const { gaps, events } = await gapsIn(product, session);
    return { gaps, eventsPerExperiment: mean(eventsOfOneTrial(events)) };
  } finally {
    await product.close();
  }
}

/** How long the device of a session with one lane waited before each trial, and the session's activities. */
export async function gapsIn(
  product: Product,
  session: string,
): Promise<{ readonly gaps: Gap[]; readonly events: readonly ActivityEvent[] }> {
  const { address } = await product.services();
  const connection = await Connection.connect(address === undefined ? {} : { address });
  const events = await activityEvents(new Client({ connection }), session);
  await connection.close();
  const { experiments } = await product.ledger(session);
  const trials = experiments.flatMap((record) => record.trials);
  return { gaps: gapsOf(events, trials), events };
}

const between = (from: number, to: number): number => (to - from) / 1000;

/** For each trial of an experiment, the time since the last scoring before it. */
function gapsOf(events: readonly ActivityEvent[], trials: readonly Trial[]): Gap[] {
  return trials.flatMap(({ startedAt }): Gap[] => {
    const started = Date.parse(startedAt);
    const last = (kind: ActivityEvent['kind'], activity: string): number | undefined =>
      events.findLast((event) => event.kind === kind && event.activity === activity && event.at <= started)?.at;
    const [scored, scheduled, pickedUp] = [
      last('completed', 'evaluate'),
      last('scheduled', 'train'),
      last('started', 'train'),
    ];
    if (scored === undefined || scheduled === undefined || pickedUp === undefined) return [];
    return [
      {
        idle: between(scored, started),
        toScheduled: between(scored, scheduled),
        toPickedUp: between(scheduled, pickedUp),
        toCommand: between(pickedUp, started),
      },
    ];
  });
}
