// Kills processes of a running session at random moments, and looks afterwards for what such a night may not cost:
// experiments, trainings, processes, locks.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { createRandomNumbers } from '../../src/proposer/random-numbers.ts';
import type { Product } from '../support/product.ts';
import { numbering, orphansOf, repeatedTrials, stuckLocks } from './aftermath.ts';
import { allBack, DISASTERS, nameOf, strike } from './disasters.ts';

/** A kill and the restart after it take longer than so many experiments. */
const EXPERIMENTS_A_KILL = 15;
const UNDISTURBED_EXPERIMENTS = 6;

/** After so many of the kills nobody types `up`: the watchdog finds out by itself. Not more, because it waits ever longer. */
const WATCHDOG_SHARE = 0.4;

/** How many kills of how many experiments, and what they cost. Times in seconds. */
export interface Damage {
  readonly kills: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly experiments: number;
  /** Experiment numbers that are missing or come twice. */
  readonly lost: readonly number[];
  readonly doubled: readonly number[];
  /** Trainings that ran again although their supervisor lived, as trial ids. */
  readonly repeated: readonly string[];
  readonly orphans: readonly string[];
  readonly stuckLocks: readonly string[];
  /** What `verify` said; empty when all is well. */
  readonly verify: string;
  /** Seconds for one experiment, waiting for restarts left out. */
  readonly secondsEach: number;
}

/** Runs a session through `kills` disasters; the same seed means the same disasters at about the same moments. */
export async function surviveKills(
  product: Product,
  { kills, seed, say }: { readonly kills: number; readonly seed: number; readonly say: (text: string) => void },
): Promise<Damage> {
  const random = createRandomNumbers(seed);
  // More than it can do while there are kills: a session that is over has nothing to lose.
  const session = await begin(product, 'kills', EXPERIMENTS_A_KILL * (kills + 1));
  const supervisorKills: string[] = [];
  const byKind: Record<string, number> = {};
  const outages: Interval[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    await sleep(200 + 3800 * random.uniform());
    const disaster = DISASTERS[random.below(DISASTERS.length)] ?? DISASTERS[0];
    const kind = nameOf(disaster);
    const alone = random.uniform() < WATCHDOG_SHARE && !disaster.kills.some((name) => name === 'watchdog');
    const by = alone ? 'watchdog' : 'up';
    const since = Date.now();
    const struck = strike(product, disaster);
    const done = struck !== null;
    supervisorKills.push(...(struck ?? []));
    if (done) byKind[kind] = (byKind[kind] ?? 0) + 1;
    await allBack(product, session, by);
    outages.push([since, Date.now()]);
    say(
      `kill ${kill} of ${kills}: ${kind}${done ? '' : ' (nothing to kill)'}, back by ${by} after ${seconds(since)} s`,
    );
  }
  // Few kills may all fall into the baseline, where there is nothing yet to lose.
  await product.tells(session, ({ counts, status }) => counts.total > 0 || status === 'blocked');
  const { status } = await product.best(session);
  if (status !== 'running') {
    const { stdout, stderr } = await product.run('status', session);
    throw new Error(`Expected the session to run through all kills, got it ${status}:\n${stdout}${stderr}`);
  }
  await product.run('stop', session);
  await product.ended(session);
  const records = await product.records(session);
  const trainings = records.flatMap(({ trials }) => trials).map(intervalOf);
  // While a training runs a restart holds nothing up; nor does one before the first experiment, or after the last.
  const counted = outages.map((outage) => within(outage, spanOf(records)));
  const waited = counted.reduce((sum, outage) => sum + lengthOf(outage) - overlap(outage, trainings), 0) / 1000;
  const verified = await product.run('verify', session);
  await product.run('down');
  return {
    kills,
    byKind,
    experiments: records.length,
    ...numbering(records.map(({ experiment }) => experiment)),
    repeated: repeatedTrials(product, session, supervisorKills),
    orphans: orphansOf(product),
    stuckLocks: stuckLocks(product),
    verify: verified.exitCode === 0 ? '' : verified.stdout + verified.stderr,
    secondsEach: (lengthOf(spanOf(records)) / 1000 - waited) / records.length,
  };
}

/** From and to, in milliseconds since 1970. */
type Interval = readonly [number, number];
const intervalOf = ({ startedAt, endedAt }: { startedAt: string; endedAt: string }): Interval => [
  Date.parse(startedAt),
  Date.parse(endedAt),
];
const lengthOf = ([from, to]: Interval): number => Math.max(0, to - from);
const overlap = ([from, to]: Interval, others: readonly Interval[]): number =>
  others.reduce((sum, other) => sum + lengthOf(within([from, to], other)), 0);
const within = ([from, to]: Interval, [start, end]: Interval): Interval => [Math.max(from, start), Math.min(to, end)];
/** From the first experiment's start to the last one's end. */
const spanOf = (records: readonly ExperimentRecord[]): Interval => [
  Date.parse(records[0]?.startedAt ?? ''),
  Date.parse(records.at(-1)?.endedAt ?? ''),
];

const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1);

async function begin(product: Product, tag: string, experiments: number): Promise<string> {
  await product.start(tag, { experiments, calibration: 2 }, '--seed', '1');
  return tag;
}

/** Seconds for one experiment of a session that nobody disturbs. */
export async function undisturbed(product: Product): Promise<number> {
  const session = await begin(product, 'quiet', UNDISTURBED_EXPERIMENTS);
  await product.ended(session);
  const records = await product.records(session);
  return lengthOf(spanOf(records)) / 1000 / records.length;
}
