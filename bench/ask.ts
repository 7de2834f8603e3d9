// How fast answers come while training runs: the command as a person types it, in the form that the package has
// (built, no sources), and the query alone, as a script with a connection of its own sends it.
import { z } from 'zod';
import { buildPackage } from './built-package.ts';
import { milliseconds, seconds } from './figures.ts';
import { atMost, told, type Bench, type Part } from './part.ts';
import { createProduct, endTrials, type Product } from './product.ts';
import { median, quantile } from './statistics.ts';

const CALLS = 7;
const QUERIES = 100;
const WARM_UP_QUERIES = 3;
const TRIAL_SECONDS = 20;
/** More than are ever run: the session is ended with its product. */
const EXPERIMENTS = 50;
const COMMAND_BOUND_SECONDS = 1.5;
const QUERY_BOUND_MS = 100;

const measuredSchema = z.object({
  running: z.array(z.number()),
  stopped: z.array(z.number()),
  queries: z.array(z.number()),
});
type Measured = z.output<typeof measuredSchema>;

/** `best --json` by the built command, and the query itself. */
export const askPart: Part = {
  name: 'ask',
  about: 'how long `best --json` and the query take while training runs',
  measure: async (bench) => {
    const { running, stopped, queries } = await bench.piece('byte-lm', measuredSchema, () => measure(bench));
    const of = `median of ${CALLS}`;
    return [
      atMost(`best --json, cold, while training runs (${of})`, median(running), COMMAND_BOUND_SECONDS, seconds),
      atMost(`best --json, cold, with everything stopped (${of})`, median(stopped), COMMAND_BOUND_SECONDS, seconds),
      atMost(
        `query best, p95 of ${queries.length} while training runs`,
        quantile(queries, 0.95),
        QUERY_BOUND_MS,
        milliseconds,
      ),
      told('query best, p50', milliseconds(median(queries))),
    ];
  },
};

async function measure(bench: Bench): Promise<Measured> {
  const root = await bench.during('building', buildPackage);
  const product = await createProduct('byte-lm', bench.say, { root: root.path });
  try {
    await bench.during('starting', () =>
      product.start('ask', {
        experiments: EXPERIMENTS,
        trialSeconds: TRIAL_SECONDS,
        calibration: 1,
        rule: 'greedy',
        seed: 1,
      }),
    );
    await bench.during('waiting for the baseline', () => training(product, 1));
    const running = await bench.during(`best --json, ${CALLS} times`, () => callBest(product));
    const queries = await bench.during(`${QUERIES} queries`, () => timeQueries(product));
    await product.run('down');
    await endTrials(product.state.root);
    const stopped = await bench.during(`best --json with everything stopped, ${CALLS} times`, () => callBest(product));
    return { running, stopped, queries };
  } finally {
    await product.close();
    await root.remove();
  }
}

/** Resolves when experiment `least` or a later one trains. */
async function training(product: Product, least: number): Promise<void> {
  const client = await product.connect();
  for (;;) {
    const { running, status, reason } = await client.status('ask');
    if (status === 'blocked') throw new Error(`Expected the session to go on, got blocked: ${reason ?? 'no reason'}`);
    if (running !== null && running.experiment >= least && running.stage === 'train') break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await client.close();
}

/** Each call is a process of its own; one before them, uncounted, brings the files into the page cache. */
async function callBest(product: Product): Promise<number[]> {
  await product.run('best', 'ask', '--json');
  const taken: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const startedAt = performance.now();
    await product.run('best', 'ask', '--json');
    taken.push((performance.now() - startedAt) / 1000);
  }
  return taken;
}

/** Only queries that were answered between two looks that both saw a training count. */
async function timeQueries(product: Product): Promise<number[]> {
  const client = await product.connect();
  const trains = async (): Promise<boolean> => (await client.status('ask')).running?.stage === 'train';
  for (let query = 0; query < WARM_UP_QUERIES; query++) await client.best('ask');
  const taken: number[] = [];
  while (taken.length < QUERIES) {
    const before = await trains();
    const startedAt = performance.now();
    await client.best('ask');
    const time = performance.now() - startedAt;
    if (before && (await trains())) taken.push(time);
  }
  await client.close();
  return taken;
}
