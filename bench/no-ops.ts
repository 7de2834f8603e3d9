// Sessions on byte-lm in which no candidate changes anything: whatever is kept there is noise that was taken for progress.
// For each session seed one under `default` and one under `greedy`, one after the other.
import { z } from 'zod';
import { told, type Bench, type Part, type Row } from './part.ts';
import { createProduct, type Product } from './product.ts';

const EXPERIMENTS = 100;
const SEEDS = [1, 2, 3];
const RULES = ['default', 'greedy'] as const;
type Rule = (typeof RULES)[number];
/** Of all sessions under `default` together, and of each. */
const KEEPS_BOUND = 1;

const nightSchema = z.object({ experiments: z.number(), kept: z.number(), trials: z.number(), claimed: z.number() });
type Night = z.output<typeof nightSchema>;

/** What each rule keeps of candidates that change nothing. */
export const noOpsPart: Part = {
  name: 'no-ops',
  about: 'what default and greedy keep of 100 candidates on byte-lm that change nothing; an hour and a half',
  slow: true,
  measure: async (bench) => {
    const { seeds = SEEDS, experiments = EXPERIMENTS, trialSeconds } = bench.options;
    let product: Product | undefined;
    const nights: Record<Rule, Night[]> = { default: [], greedy: [] };
    try {
      for (const seed of seeds)
        for (const rule of RULES) {
          const key = `${rule}, session seed ${seed}, ${experiments} experiments of ${trialSeconds ?? 'the task’s'} s`;
          const night = await bench.piece(key, nightSchema, async () => {
            product ??= await createProduct('nothing', bench.say);
            return await measureNight(bench, product, { seed, rule, experiments, trialSeconds });
          });
          nights[rule].push(night);
        }
    } finally {
      await product?.close();
    }
    return rowsOf(nights, seeds.length >= SEEDS.length && experiments >= EXPERIMENTS);
  },
};

interface NightRequest {
  readonly seed: number;
  readonly rule: Rule;
  readonly experiments: number;
  readonly trialSeconds: number | undefined;
}

async function measureNight(
  bench: Bench,
  product: Product,
  { seed, rule, experiments, trialSeconds }: NightRequest,
): Promise<Night> {
  const session = `${rule}-${seed}`;
  const length = trialSeconds === undefined ? {} : { trialSeconds };
  // Whether an audit would take a keep back is another question.
  await product.start(session, { rule, experiments, seed, audit: 'none', ...length });
  await bench.during(`${session}: ${experiments} experiments`, () => product.ended(session));
  const records = (await product.ledger(session)).experiments.filter(({ trials }) => trials.length > 0);
  const kept = records.filter(({ verdict }) => verdict === 'keep');
  return {
    experiments: records.length,
    kept: kept.length,
    trials: records.reduce((sum, { trials }) => sum + trials.length, 0),
    claimed: kept.reduce((sum, { gain, noise }) => sum + (gain ?? 0) / (noise ?? 1), 0),
  };
}

function rowsOf(nights: Readonly<Record<Rule, readonly Night[]>>, isWhole: boolean): Row[] {
  const sum = (rule: Rule, pick: (night: Night) => number): number =>
    nights[rule].reduce((total, night) => total + pick(night), 0);
  const text = (rule: Rule): string =>
    `${nights[rule].map(({ kept }) => kept).join(', ')} of ${sum(rule, ({ experiments }) => experiments)} in ${sum(rule, ({ trials }) => trials)} trials, gains of ${sum(rule, ({ claimed }) => claimed).toFixed(1)} times the noise claimed`;
  const kept = sum('default', (night) => night.kept);
  return [
    {
      number: 'byte-lm, candidates that change nothing: kept under `default`, each session',
      measured: text('default'),
      bound: `<= ${KEEPS_BOUND} in all`,
      ok: isWhole || kept > KEEPS_BOUND ? kept <= KEEPS_BOUND : null,
    },
    told('the same under `greedy`', text('greedy')),
  ];
}
