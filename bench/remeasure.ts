// Measures commits again on fresh seeds, turn by turn, so that whatever else the machine does meets all of them alike:
// checkout, the prepared environment, training and scoring with the trainer's own tools, without Temporal.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { packageRoot } from '../src/config.ts';
import { readMetric } from '../src/domain/metric.ts';
import { inRepo, taskFolder, type Task } from '../src/domain/task.ts';
import { checkoutTree } from '../src/git/checkout.ts';
import { listFiles } from '../src/git/tree.ts';
import { readTask } from '../src/task-file.ts';
import { findDevices, type Device } from '../src/trainer/device.ts';
import { ensurePrepared, type PreparedEnvironment } from '../src/trainer/environment-store.ts';
import { trialEnvironment } from '../src/trainer/environment.ts';
import { runStep } from '../src/trainer/run-step.ts';
import { cleanDirectory, directoryAt } from '../src/trainer/trial-directory.ts';
import type { Bench } from './part.ts';
import type { Product } from './product.ts';
import { taskPathOf } from './project.ts';

/** What to measure. Arms are commits of the product's home clone. */
export interface Remeasurement {
  readonly product: Product;
  readonly arms: Readonly<Record<string, string>>;
  readonly base: string;
  /** Seeds per arm; all arms get the same. */
  readonly count: number;
  /** Names the seeds: other text, other seeds. Never those of a session. */
  readonly seedText: string;
  readonly trialSeconds: number | undefined;
}

/** Values by arm, in the order of the seeds. Throws when a trial gives no value: kept commits train. */
export async function remeasure(bench: Bench, request: Remeasurement): Promise<Record<string, number[]>> {
  const site = await prepare(request);
  const values: Record<string, number[]> = {};
  const names = Object.keys(request.arms);
  for (let turn = 0; turn < request.count; turn++) {
    const seed = freshSeed(request.seedText, turn);
    const said = await bench.during(`${request.seedText}: fresh seed ${turn + 1} of ${request.count}`, async () => {
      const words: string[] = [];
      // Each arm is first, second, … in turn.
      for (const [place] of names.entries()) {
        const name = names[(place + turn) % names.length] ?? '';
        const value = await measureOnce(site, request.arms[name] ?? '', seed);
        (values[name] ??= []).push(value);
        words.push(`${name} ${value.toFixed(4)}`);
      }
      return words.join(', ');
    });
    bench.say(said);
  }
  return values;
}

const freshSeed = (text: string, index: number): number =>
  createHash('sha256').update(`fresh ${text} ${index}`).digest().readUInt32BE(0) >>> 1;

interface Site {
  readonly product: Product;
  readonly task: Task;
  readonly prepared: PreparedEnvironment;
  readonly device: Device;
  readonly seconds: number;
}

/** What the device worker prepared for the session is found and used again: the same inputs, the same folder. */
async function prepare({ product, base, trialSeconds }: Remeasurement): Promise<Site> {
  const { clone, state } = product;
  const taskPath = taskPathOf('byte-lm');
  const { task } = await readTask(clone, base, taskPath);
  const paths = (task.prepare?.inputs ?? []).map((path) => inRepo(taskPath, path));
  const inputs = await listFiles(clone, base, paths);
  const prepared = await ensurePrepared({
    envsRoot: state.envs,
    prepare: task.prepare,
    inputs: inputs.map(({ path, object }) => `${object} ${path}`),
    cwd: taskFolder(taskPath),
    checkout: (folder) => checkoutTree({ clone, commit: base, folder }),
    packageRoot: packageRoot(),
    say: () => {},
  });
  const [device] = await findDevices({ override: 'cpu' });
  if (device === undefined) throw new Error('Expected the CPU to be a device, got none.');
  return { product, task, prepared, device, seconds: trialSeconds ?? task.train.seconds };
}

async function measureOnce(site: Site, commit: string, seed: number): Promise<number> {
  const { product, task, prepared, device, seconds } = site;
  const { clone, state } = product;
  const directory = directoryAt(join(state.root, 'remeasured'));
  await cleanDirectory(directory);
  const env = trialEnvironment({
    ...prepared,
    workerEnv: process.env,
    device,
    directory,
    seed,
    seconds,
    trial: 'remeasured',
  });
  const run = async (command: string, limit: number): Promise<string> => {
    // A checkout for each command: nothing that training wrote beside its output is run or read by the scorer.
    await checkoutTree({ clone, commit, folder: directory.tree });
    const cwd = join(directory.tree, taskFolder(taskPathOf('byte-lm')));
    const result = await runStep({ id: 'remeasured', command, cwd, env, seconds: limit });
    if (result.code === 0) return result.stdout;
    throw new Error(`Expected \`${command}\` of ${commit.slice(0, 7)} to end well, got:\n${result.stderrTail}`);
  };
  const { startupSeconds } = task.train;
  const trained = await run(task.train.run, seconds + startupSeconds);
  const said = task.score === undefined ? trained : await run(task.score.run, task.score.seconds);
  const reading = readMetric(said, task.metric.name, { summary: task.score === undefined });
  if (reading.kind === 'value') return reading.value;
  throw new Error(`Expected ${commit.slice(0, 7)} to have a value, got: ${reading.reason}`);
}
