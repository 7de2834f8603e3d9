// What a session on the bundled task truly gains: for each session seed a session of 60 experiments, then its baseline
// and its best commit on six fresh seeds each, turn by turn. The claimed gain stands beside it.
import { z } from 'zod';
import { told, type Bench, type Part, type Row } from './part.ts';
import { askBest, createProduct, type Product } from './product.ts';
import { remeasure } from './remeasure.ts';
import { differenceError, mean, median } from './statistics.ts';

const EXPERIMENTS = 60;
const SEEDS = 10;
const FRESH_SEEDS = 6;
const GAIN_BOUND_BPB = 0.15;
const SHARE_BOUND = 0.8;

const nightSchema = z.object({
  claimed: z.number(),
  baseline: z.array(z.number()),
  best: z.array(z.number()),
});
type Night = z.output<typeof nightSchema>;

/** Gains of sessions on byte-lm, measured again. */
export const byteLmPart: Part = {
  name: 'byte-lm',
  about: 'gain of 60 experiments on byte-lm, measured again on fresh seeds, for 10 session seeds; two hours',
  slow: true,
  measure: async (bench) => {
    const { seeds = Array.from({ length: SEEDS }, (_, index) => index + 1), experiments = EXPERIMENTS } = bench.options;
    const nights = await measureSeeds(bench, seeds, experiments);
    return [...nights.map(([seed, night]) => rowOf(seed, night)), summary(nights, experiments)];
  },
};

async function measureSeeds(bench: Bench, seeds: readonly number[], experiments: number): Promise<[number, Night][]> {
  const { trialSeconds } = bench.options;
  let product: Product | undefined;
  const nights: [number, Night][] = [];
  try {
    for (const seed of seeds) {
      const key = `session seed ${seed}, ${experiments} experiments of ${trialSeconds ?? 'the task’s'} s`;
      const night = await bench.piece(key, nightSchema, async () => {
        product ??= await createProduct('byte-lm', bench.say);
        return await measureNight(bench, product, seed, experiments);
      });
      nights.push([seed, night]);
      bench.say(rowOf(seed, night).measured);
    }
  } finally {
    await product?.close();
  }
  return nights;
}

async function measureNight(bench: Bench, product: Product, seed: number, experiments: number): Promise<Night> {
  const { trialSeconds } = bench.options;
  const session = `night-${seed}`;
  const budget = trialSeconds === undefined ? { experiments } : { experiments, trialSeconds };
  await product.start(session, { ...budget, seed });
  await bench.during(`session seed ${seed}: ${experiments} experiments`, () => product.ended(session));
  const { best, baseline, gain } = await askBest(product, session);
  const values = await remeasure(bench, {
    product,
    arms: { baseline: baseline.commit, best: best.commit },
    base: baseline.commit,
    count: FRESH_SEEDS,
    seedText: `session seed ${seed}`,
    trialSeconds,
  });
  return { claimed: gain.claimed, baseline: values['baseline'] ?? [], best: values['best'] ?? [] };
}

const gainOf = ({ baseline, best }: Night): number => mean(baseline) - mean(best);

function rowOf(seed: number, night: Night): Row {
  const { baseline, best, claimed } = night;
  const error = differenceError(baseline, best);
  const values = `${mean(baseline).toFixed(3)} -> ${mean(best).toFixed(3)}`;
  return told(
    `byte-lm, session seed ${seed}: gain on ${baseline.length} fresh seeds`,
    `${values}: ${gainOf(night).toFixed(3)} ± ${error.toFixed(3)} bpb (claimed ${claimed.toFixed(3)})`,
  );
}

function summary(nights: readonly [number, Night][], experiments: number): Row {
  const gains = nights.map(([, night]) => gainOf(night));
  const enough = gains.filter((gain) => gain >= GAIN_BOUND_BPB).length;
  return {
    number: `byte-lm, ${experiments} experiments: sessions that gain ${GAIN_BOUND_BPB} bpb, measured again`,
    measured: `${enough} of ${gains.length} (median ${median(gains).toFixed(3)}, least ${Math.min(...gains).toFixed(3)})`,
    bound: '8 of 10',
    ok: gains.length >= SEEDS ? enough >= SHARE_BOUND * gains.length : null,
  };
}
