// `npm run drill`: a session through random kills (`--kills 200`), or sessions through kills at every stage
// (`--stages`), or without its origin for a while (`--origin 60`), and a table of what that cost; or the tests in long/.
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { packageRoot } from '../../src/config.ts';
import { createProduct, type ProductOptions, type Product } from '../support/product.ts';
import { leftAfterDown } from './aftermath.ts';
import { cancelAtStages, WAYS, type Way } from './cancel-stages.ts';
import { ALL_SERVICES, nameOf, REBOOT, type Disaster } from './disasters.ts';
import { surviveOutage } from './origin-away.ts';
import { surviveKills, undisturbed, type Damage } from './random-kills.ts';
import { STAGES, strikeAtStages } from './stages.ts';
import { none, printRows, type Row } from './table.ts';

const USAGE = `Usage: npm run drill [-- --kills 200 --seed 1]
       npm run drill -- --stages
       npm run drill -- --origin 60
       npm run drill -- --long
Runs sessions on a small project and prints what it cost them
  --kills N   that processes were killed at N random moments (about 6 s each)
  --stages    that each process was killed, and that the session was cancelled,
              at every stage of an experiment (about 15 minutes)
  --origin S  that its origin was away for S seconds
Or, with --long, runs the drills that \`npm test\` has no time for.
Exits with 1 when anything was lost, doubled, repeated or left behind.`;
/** Waiting for restarts left out, kills may cost a session this much of its time. */
const SLOWDOWN_BOUND = 1.3;
const TRIAL_SECONDS = 3;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

interface Options {
  readonly kills: number;
  readonly seed: number;
  readonly stages: boolean;
  readonly long: boolean;
  /** Seconds. */
  readonly origin: number | null;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string' },
      stages: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      origin: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const [kills, seed] = [Number(values.kills), Number(values.seed ?? Date.now() % 1_000_000)];
  if (!Number.isInteger(kills) || kills < 1)
    throw new Error(`Expected \`--kills\` to be a count, got ${values.kills}.`);
  if (!Number.isInteger(seed)) throw new Error(`Expected \`--seed\` to be a whole number, got ${values.seed}.`);
  const origin = values.origin === undefined ? null : Number(values.origin);
  if (origin !== null && !(origin >= 1)) throw new Error(`Expected \`--origin\` to be seconds, got ${values.origin}.`);
  return { kills, seed, stages: values.stages, long: values.long, origin };
}

async function withProduct<T>(options: ProductOptions, work: (product: Product) => Promise<T>): Promise<T> {
  const product = await createProduct(options);
  try {
    return await work(product);
  } finally {
    await product.close();
  }
}

async function randomKills({ kills, seed }: Options): Promise<readonly Row[]> {
  say(`seed ${seed}`);
  return withProduct({ trialSeconds: TRIAL_SECONDS }, async (product) => {
    const quietSeconds = await undisturbed(product);
    say(`undisturbed: ${quietSeconds.toFixed(2)} s for each experiment`);
    const damage = await surviveKills(product, { kills, seed, say });
    for (const [kind, count] of Object.entries(damage.byKind).toSorted()) say(`  ${count} × ${kind}`);
    return rowsOf(damage, quietSeconds);
  });
}

function rowsOf(damage: Damage, quietSeconds: number): readonly Row[] {
  const slowdown = damage.secondsEach / quietSeconds;
  return [
    ['kills', `${damage.kills} in ${damage.experiments} experiments`, true],
    none('experiments lost', damage.lost),
    none('experiments doubled', damage.doubled),
    none('trainings repeated though their supervisor lived', damage.repeated),
    none('orphan processes', damage.orphans),
    none('stuck locks', damage.stuckLocks),
    ['verify', damage.verify === '' ? 'clean' : damage.verify, damage.verify === ''],
    [
      'time for an experiment / undisturbed, restarts left out',
      `${slowdown.toFixed(2)} (${damage.secondsEach.toFixed(2)} s / ${quietSeconds.toFixed(2)} s)`,
      slowdown <= SLOWDOWN_BOUND,
    ],
  ];
}

/** Each gets a session of its own, in which it happens at every stage. */
const AT_EVERY_STAGE: readonly Disaster[] = [
  ...(['control-worker', 'device-worker', 'temporal-server'] as const).flatMap((name) =>
    (['SIGKILL', 'SIGTERM'] as const).map((signal) => ({ kills: [name], signal })),
  ),
  ALL_SERVICES,
  { ...ALL_SERVICES, signal: 'SIGTERM' },
  REBOOT,
];

async function everyStage(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  /** One column of the table; what throws is a promise broken, and the others still have their turn. */
  const column = async (name: string, work: (product: Product) => Promise<readonly string[]>): Promise<void> => {
    const found = await withProduct({ trialSeconds: 1, slow: true }, work).catch((error: unknown) => [String(error)]);
    rows.push([`${name} at each of ${STAGES.length} stages`, found.join('; ') || 'clean', found.length === 0]);
  };
  for (const disaster of AT_EVERY_STAGE)
    await column(nameOf(disaster), async (product) => {
      const strikes = { session: 'stages', disasters: new Map(STAGES.map((stage) => [stage, disaster])) };
      const damage = await strikeAtStages(product, strikes, say);
      const found = Object.entries(damage).flatMap(([what, list]) => (list.length === 0 ? [] : [`${what}: ${list}`]));
      return [...found, ...(await leftAfterDown(product))];
    });
  for (const way of Object.keys(WAYS) as Way[])
    await column(way, async (product) => [
      ...(await cancelAtStages(product, way, STAGES, say)),
      ...(await leftAfterDown(product)),
    ]);
  return rows;
}

async function originAway(seconds: number): Promise<readonly Row[]> {
  return withProduct({ trialSeconds: TRIAL_SECONDS }, async (product) => {
    const { recordedMeanwhile, repeated, missing, verify } = await surviveOutage(product, seconds);
    return [
      ['experiments recorded while the origin was away', String(recordedMeanwhile), recordedMeanwhile > 0],
      none('trainings repeated', repeated),
      none('refs that the origin lacks at the end', missing),
      ['verify', verify === '' ? 'clean' : verify, verify === ''],
    ];
  });
}

/** Tests as `npm test` runs them; returns their exit code. */
async function longTests(): Promise<number> {
  const options = { cwd: packageRoot(), preferLocal: true, stdio: 'inherit', reject: false } as const;
  return (await execa('vitest', ['run', '--project', 'long'], options)).exitCode ?? 1;
}

function drill(options: Options): Promise<readonly Row[]> {
  if (options.stages) return everyStage();
  return options.origin === null ? randomKills(options) : originAway(options.origin);
}

try {
  const options = readOptions();
  process.exitCode = options.long ? await longTests() : Number(!printRows(await drill(options)));
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
