// Kills processes of a running session at random moments, and looks afterwards for what such a night may not cost:
// experiments, trainings, processes, locks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateDirectory } from '../../src/config.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { createRandomNumbers } from '../../src/proposer/random-numbers.ts';
import { liveTrials } from '../../src/trainer/sweep.ts';
import { pidNoteSchema } from '../../src/trainer/trial-spec.ts';
import type { Product } from '../support/product.ts';
import { until } from '../support/until.ts';
import { numbering, orphansOf, repeatedTrials, stuckLocks } from './aftermath.ts';

/** What is killed, and how; the last takes a whole machine's worth at once, but not the trainings. */
const DISASTERS = [
  { kills: ['control-worker'], signal: 'SIGKILL' },
  { kills: ['control-worker'], signal: 'SIGTERM' },
  { kills: ['device-worker'], signal: 'SIGKILL' },
  { kills: ['device-worker'], signal: 'SIGTERM' },
  { kills: ['temporal-server'], signal: 'SIGKILL' },
  { kills: ['temporal-server'], signal: 'SIGTERM' },
  { kills: ['supervisor'], signal: 'SIGKILL' },
  { kills: ['watchdog', 'temporal-server', 'control-worker', 'device-worker'], signal: 'SIGKILL' },
] as const;
/** The session goes on for as long as there are kills: its budget is extended by so many experiments. */
const AT_A_TIME = 6;
const SERVICES = ['temporal-server', 'control-worker', 'device-worker', 'watchdog'];

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
  let budget = AT_A_TIME;
  const session = await begin(product, 'kills', budget);
  const supervisorKills: string[] = [];
  const byKind: Record<string, number> = {};
  const outages: Interval[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    await sleep(200 + 3800 * random.uniform());
    if ((await product.best(session)).experiments.total + 3 > budget) {
      budget += AT_A_TIME;
      await product.run('extend', session, '--experiments', String(AT_A_TIME));
    }
    const disaster = DISASTERS[random.below(DISASTERS.length)] ?? DISASTERS[0];
    const kind = `${disaster.kills.length > 1 ? 'all services' : disaster.kills[0]} ${disaster.signal}`;
    const since = Date.now();
    const done = strike(product, disaster, supervisorKills);
    if (done) byKind[kind] = (byKind[kind] ?? 0) + 1;
    await allBack(product, session);
    outages.push([since, Date.now()]);
    say(`kill ${kill} of ${kills}: ${kind}${done ? '' : ' (nothing to kill)'}, back after ${seconds(since)} s`);
  }
  await until(async () => (await sleep(1000), (await product.best(session)).status === 'done'));
  const records = await product.records(session);
  const trainings = records.flatMap(({ trials }) => trials).map(intervalOf);
  // While a training runs a restart holds nothing up.
  const waited = outages.reduce((sum, outage) => sum + lengthOf(outage) - overlap(outage, trainings), 0) / 1000;
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
    secondsEach: (spentOn(records) - waited) / records.length,
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
  others.reduce((sum, [start, end]) => sum + lengthOf([Math.max(from, start), Math.min(to, end)]), 0);
/** Seconds from the first experiment's start to the last one's end. */
const spentOn = (records: readonly ExperimentRecord[]): number =>
  (Date.parse(records.at(-1)?.endedAt ?? '') - Date.parse(records[0]?.startedAt ?? '')) / 1000;

const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1);

async function begin(product: Product, tag: string, experiments: number): Promise<string> {
  const options = [
    '--tag',
    tag,
    '--id',
    tag,
    '--experiments',
    String(experiments),
    '--calibration',
    '2',
    '--seed',
    '1',
  ];
  const { exitCode, stderr } = await product.run('start', '--detach', ...options);
  if (exitCode !== 0) throw new Error(`Expected a session to start, got: ${stderr}`);
  return tag;
}

/** Seconds for one experiment of a session that nobody disturbs. */
export async function undisturbed(product: Product): Promise<number> {
  const session = await begin(product, 'quiet', AT_A_TIME);
  await until(async () => (await sleep(1000), (await product.best(session)).status === 'done'));
  const records = await product.records(session);
  return spentOn(records) / records.length;
}

/** Kills; false when what was to be killed does not live just now. */
function strike(product: Product, disaster: (typeof DISASTERS)[number], supervisorKills: string[]): boolean {
  if (disaster.kills[0] === 'supervisor') {
    const [live] = liveTrials(trialsOf(product));
    if (live === undefined) return false;
    const note = pidNoteSchema.safeParse(readOrNull(live.directory.pid));
    if (!note.success) return false;
    supervisorKills.push(live.trial);
    return send(note.data.supervisor.pid, disaster.signal);
  }
  const pids = product.services();
  return disaster.kills.map((name) => send(pids[name] ?? 0, disaster.signal)).includes(true);
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false; // it had ended
  }
}

/** Waits until every service lives and works again. A person would type `up`; so do we, beside the watchdog. */
async function allBack(product: Product, session: string): Promise<void> {
  const { exitCode, stderr } = await product.run('up');
  if (exitCode !== 0) throw new Error(`Expected \`up\` to succeed, got: ${stderr}`);
  await until(() => {
    const pids = product.services();
    const log = (name: string): string => readFileSync(join(product.home, 'logs', `${name}.log`), 'utf8');
    const ready = (name: string): boolean =>
      log(name)
        .split('\n')
        .some((line) => line.includes(`"pid":${pids[name]},`) && line.includes('worker ready'));
    return SERVICES.every((name) => name in pids) && ready('control-worker') && ready('device-worker');
  });
  await until(async () => (await product.run('status', session, '--json')).exitCode === 0);
}

const trialsOf = (product: Product): string => stateDirectory({ AUTORESEARCH_HOME: product.home }).trials;

function readOrNull(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
