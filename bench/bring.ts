// What a person pays who brings a project as it is: from `start` in a prepared checkout in the style of
// karpathy/autoresearch to its first training, and what each trial takes beside the script itself, run by hand.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { createProduct, type Product } from '../test/support/product.ts';
import { projectFiles } from '../test/support/project-files.ts';
import { seconds } from './figures.ts';
import { atMost, told, type Bench, type Part } from './part.ts';
import { median } from './statistics.ts';

const EXPERIMENTS = 15;
const BY_HAND = 8;
const STARTS = 3;
const FIRST_TRAINING_BOUND_SECONDS = 5;
const OVERHEAD_BOUND_SECONDS = 1;

const schema = z.object({
  /** From the command to the start of the first training's. */
  toTraining: z.array(z.number()),
  /** From the start of one trial's training to that of the next. */
  perTrial: z.array(z.number()),
  /** The script alone. */
  byHand: z.array(z.number()),
});
type Measured = z.output<typeof schema>;

/** Another program's project, untouched. */
export const bringPart: Part = {
  name: 'bring',
  about: 'a project of karpathy/autoresearch: start to the first training, a trial beside the script by hand',
  measure: async (bench) => {
    const { toTraining, perTrial, byHand } = await bench.piece(`${EXPERIMENTS} experiments`, schema, () =>
      measure(bench),
    );
    const overhead = median(perTrial) - median(byHand);
    return [
      atMost(
        `start in a prepared checkout to its first training (median of ${toTraining.length})`,
        median(toTraining),
        FIRST_TRAINING_BOUND_SECONDS,
        seconds,
      ),
      told(`the script by hand (median of ${byHand.length})`, seconds(median(byHand))),
      atMost(`a trial takes beside that (median of ${perTrial.length})`, overhead, OVERHEAD_BOUND_SECONDS, seconds),
    ];
  },
};

async function measure(bench: Bench): Promise<Measured> {
  const product = await createProduct({ files: projectFiles('karpathy') });
  try {
    // Starts the services, and prepares the data.
    await bench.during('preparing', () => session(product, 'prepared', 1));
    const before = await runByHand(product, bench);
    const toTraining: number[] = [];
    for (let k = 1; k <= STARTS; k++) toTraining.push((await session(product, `started-${k}`, 1)).toTraining);
    const { perTrial } = await bench.during(`${EXPERIMENTS} experiments`, () => session(product, 'night', EXPERIMENTS));
    return { toTraining, perTrial, byHand: [...before, ...(await runByHand(product, bench))] };
  } finally {
    await product.close();
  }
}

/** Runs a session to its end: seconds to its first training, and from each trial of an experiment to the next. */
async function session(product: Product, name: string, experiments: number) {
  const startedAt = Date.now();
  await product.start(name, { experiments });
  await product.ended(name);
  const { stdout } = await product.run('show', '0', name, '--json');
  const baseline = z.object({ trials: z.array(z.object({ startedAt: z.string() })) }).parse(JSON.parse(stdout));
  const records = await product.records(name);
  const starts = [...baseline.trials, ...records.flatMap(({ trials }) => trials)].map((trial) =>
    Date.parse(trial.startedAt),
  );
  return {
    toTraining: ((starts[0] ?? Number.NaN) - startedAt) / 1000,
    perTrial: starts.slice(1).map((start, k) => (start - (starts[k] ?? Number.NaN)) / 1000),
  };
}

/** The script in a copy of the checkout, as a person runs it: seconds of each run. */
async function runByHand({ repo, env }: Product, bench: Bench): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-bench-hand-'));
  try {
    cpSync(repo, folder, { recursive: true });
    const run = async (script: string): Promise<number> => {
      const startedAt = performance.now();
      await execa('python3', [script], { cwd: folder, env, extendEnv: false });
      return (performance.now() - startedAt) / 1000;
    };
    await run('prepare.py');
    const taken: number[] = [];
    await bench.during('the script by hand', async () => {
      for (let k = 0; k < BY_HAND; k++) taken.push(await run('train.py'));
    });
    return taken;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
