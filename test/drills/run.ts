// `npm run drill -- --kills 200`: a session through that many random kills, and a table of what they cost.
import { parseArgs } from 'node:util';
import { createProduct } from '../support/product.ts';
import { surviveKills, undisturbed, type Damage } from './random-kills.ts';

const USAGE = `Usage: npm run drill [-- --kills 200 --seed 1]
Runs a session on a small project, kills its processes at random moments, and prints what that cost.
Exits with 1 when anything was lost, doubled, repeated or left behind.`;
/** Waiting for restarts left out, kills may cost a session this much of its time. */
const SLOWDOWN_BOUND = 1.3;
const TRIAL_SECONDS = 3;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function readOptions(): { kills: number; seed: number } {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '200' }, seed: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const [kills, seed] = [Number(values.kills), Number(values.seed ?? Date.now() % 1_000_000)];
  if (!Number.isInteger(kills) || kills < 1)
    throw new Error(`Expected \`--kills\` to be a count, got ${values.kills}.`);
  if (!Number.isInteger(seed)) throw new Error(`Expected \`--seed\` to be a whole number, got ${values.seed}.`);
  return { kills, seed };
}

type Row = readonly [name: string, found: string, ok: boolean];

const none = (name: string, list: readonly (string | number)[]): Row => [
  name,
  list.length === 0 ? '0' : `${list.length}: ${list.join(', ')}`,
  list.length === 0,
];

function rows(damage: Damage, quietSeconds: number): readonly Row[] {
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

try {
  const { kills, seed } = readOptions();
  say(`seed ${seed}`);
  const product = await createProduct({ trialSeconds: TRIAL_SECONDS });
  try {
    const quietSeconds = await undisturbed(product);
    say(`undisturbed: ${quietSeconds.toFixed(2)} s for each experiment`);
    const damage = await surviveKills(product, { kills, seed, say });
    const table = rows(damage, quietSeconds);
    for (const [kind, count] of Object.entries(damage.byKind).toSorted()) say(`  ${count} × ${kind}`);
    for (const [name, found, ok] of table) process.stdout.write(`${ok ? 'ok ' : 'BAD'} ${name}: ${found}\n`);
    process.exitCode = table.every(([, , ok]) => ok) ? 0 : 1;
  } finally {
    await product.close();
  }
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
