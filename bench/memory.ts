// What our processes hold in memory after a long session: resident set, as the kernel counts it.
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { z } from 'zod';
import { megabytes } from './figures.ts';
import { atMost, type Bench, type Part } from './part.ts';
import { createProduct, type Product } from './product.ts';

const EXPERIMENTS = 100;
const TRIAL_SECONDS = 0.1;
const BOUNDS_MB: Readonly<Record<string, number>> = {
  'control-worker': 400,
  'device-worker': 400,
  'temporal-server': 300,
};
/** Taken several times after the end, and the highest counts: a garbage collection must not make the number. */
const LOOKS = 5;
const BETWEEN_LOOKS_MS = 1000;

const measuredSchema = z.record(z.string(), z.number());

/** Resident memory of the services after 100 experiments. */
export const memoryPart: Part = {
  name: 'memory',
  about: 'resident memory of each process after 100 experiments',
  measure: async (bench) => {
    const { experiments = EXPERIMENTS, trialSeconds = TRIAL_SECONDS } = bench.options;
    const key = `${experiments} experiments of ${trialSeconds} s`;
    const measured = await bench.piece(key, measuredSchema, () => measure(bench, experiments, trialSeconds));
    return Object.entries(BOUNDS_MB).map(([name, bound]) =>
      atMost(
        `resident memory of ${name} after ${experiments} experiments`,
        measured[name] ?? Number.NaN,
        bound,
        megabytes,
      ),
    );
  },
};

async function measure(bench: Bench, experiments: number, trialSeconds: number): Promise<Record<string, number>> {
  const product = await createProduct('small', bench.say);
  try {
    await bench.during('starting', () =>
      product.start('memory', { experiments, trialSeconds, calibration: 1, rule: 'greedy', seed: 1 }),
    );
    await bench.during(`${experiments} experiments`, () => product.ended('memory'));
    const highest: Record<string, number> = {};
    for (let look = 0; look < LOOKS; look++) {
      for (const [name, resident] of await residentMegabytes(product)) {
        highest[name] = Math.max(highest[name] ?? 0, resident);
      }
      await sleep(BETWEEN_LOOKS_MS);
    }
    return highest;
  } finally {
    await product.close();
  }
}

async function residentMegabytes(product: Product): Promise<(readonly [string, number])[]> {
  const { processes } = await product.services();
  return Promise.all(
    processes.map(async ({ name, pid }) => {
      const { stdout } = await execa('ps', ['-o', 'rss=', '-p', String(pid)]);
      return [name, Number(stdout) / 1024] as const;
    }),
  );
}
