// Proposer `search` against random proposals on the bundled task itself: for each session seed one session of each, one
// after the other, then both bests and the baseline on fresh seeds, turn by turn. Trainings are short, and count their own
// processor time: on a machine that does something else too, steps per second vary by a third, and who proposes better
// drowns in that.
import { z } from 'zod';
import { told, type Bench, type Part, type Row } from './part.ts';
import { askBest, createProduct, type Product } from './product.ts';
import { STEADY_SHARE } from './project.ts';
import { remeasure } from './remeasure.ts';
import { differenceError, mean, pText, signedRankP, SIGNIFICANT } from './statistics.ts';

const EXPERIMENTS = 60;
/** The budget; it trains for a part of it. */
const TRIAL_SECONDS = 10;
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);
const FRESH_SEEDS = 4;

const pairSchema = z.object({
  baseline: z.array(z.number()),
  search: z.array(z.number()),
  random: z.array(z.number()),
});
type Pair = z.output<typeof pairSchema>;

/** Search against random on byte-lm, measured again. */
export const byteLmRandomPart: Part = {
  name: 'byte-lm-random',
  about: 'search against random proposals on byte-lm at 60 experiments, 10 session seeds; two hours',
  slow: true,
  measure: async (bench) => {
    const { seeds = SEEDS, experiments = EXPERIMENTS, trialSeconds = TRIAL_SECONDS } = bench.options;
    let product: Product | undefined;
    const pairs: Pair[] = [];
    try {
      for (const seed of seeds) {
        const key = `session seed ${seed}, ${experiments} experiments of ${STEADY_SHARE * trialSeconds} s of a processor`;
        pairs.push(
          await bench.piece(key, pairSchema, async () => {
            product ??= await createProduct('steady', bench.say);
            return await measurePair(bench, product, { seed, experiments, trialSeconds });
          }),
        );
      }
    } finally {
      await product?.close();
    }
    return rowsOf(pairs, seeds, experiments);
  },
};

async function measurePair(
  bench: Bench,
  product: Product,
  { seed, experiments, trialSeconds }: { seed: number; experiments: number; trialSeconds: number },
): Promise<Pair> {
  const arms: Record<string, string> = {};
  // Who is first changes from seed to seed, so that neither always has the quieter half of the time.
  const order = seed % 2 === 0 ? (['search', 'random'] as const) : (['random', 'search'] as const);
  for (const proposer of order) {
    const session = `${proposer}-${seed}`;
    await product.start(session, { proposer, experiments, trialSeconds, seed });
    await bench.during(`${session}: ${experiments} experiments`, () => product.ended(session));
    const { best, baseline } = await askBest(product, session);
    arms[proposer] = best.commit;
    arms['baseline'] = baseline.commit;
  }
  const base = arms['baseline'] ?? '';
  const seedText = `session seed ${seed}`;
  const values = await remeasure(bench, { product, arms, base, count: FRESH_SEEDS, seedText, trialSeconds });
  return pairSchema.parse(values);
}

function rowsOf(pairs: readonly Pair[], seeds: readonly number[], experiments: number): Row[] {
  const gain = (pair: Pair, proposer: 'search' | 'random'): number => mean(pair.baseline) - mean(pair[proposer]);
  const gains = {
    search: pairs.map((pair) => gain(pair, 'search')),
    random: pairs.map((pair) => gain(pair, 'random')),
  };
  const [search, random] = [mean(gains.search), mean(gains.random)];
  const ahead = pairs.filter((pair) => gain(pair, 'search') > gain(pair, 'random')).length;
  const p = signedRankP(pairs.map((pair) => gain(pair, 'search') - gain(pair, 'random')));
  // Fewer seeds cannot rule out chance, whatever they say.
  const isWhole = pairs.length >= SEEDS.length;
  const error = pairs.length > 1 ? ` ± ${differenceError(gains.search, gains.random).toFixed(3)}` : '';
  return [
    ...pairs.map((pair, index) =>
      told(
        `byte-lm, session seed ${seeds[index] ?? '?'}: gain at ${experiments} experiments`,
        `search ${gain(pair, 'search').toFixed(3)}, random ${gain(pair, 'random').toFixed(3)} bpb`,
      ),
    ),
    {
      number: `byte-lm: mean gain of search at ${experiments} experiments, measured again`,
      measured: `${search.toFixed(3)} bpb, ahead in ${ahead} of ${pairs.length}, by ${(search - random).toFixed(3)}${error}, ${pText(p)}`,
      bound: `> ${random.toFixed(3)} bpb (random), p < ${SIGNIFICANT}`,
      ok: isWhole ? search > random && p < SIGNIFICANT : null,
    },
  ];
}
