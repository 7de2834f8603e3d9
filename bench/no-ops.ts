// Sessions on byte-lm in which no candidate changes anything: whatever is kept there is noise that was taken for progress.
// For each session seed one under `default` and one under `greedy`, one after the other.
import { z } from 'zod';
import { told, type Part, type Row } from './part.ts';
import type { Product } from './product.ts';
import { compareRules, type ComparedRule } from './under-rules.ts';

const EXPERIMENTS = 100;
const SEEDS = [1, 2, 3];
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
    const { seeds = SEEDS, experiments = EXPERIMENTS } = bench.options;
    const nights = await compareRules(bench, {
      project: 'nothing',
      seeds,
      experiments,
      // Whether an audit would take a keep back is another question.
      inputFor: () => ({ audit: 'none' }),
      schema: nightSchema,
      read: readNight,
    });
    return rowsOf(nights, seeds.length >= SEEDS.length && experiments >= EXPERIMENTS);
  },
};

async function readNight(product: Product, session: string): Promise<Night> {
  const records = (await product.ledger(session)).experiments.filter(({ trials }) => trials.length > 0);
  const kept = records.filter(({ verdict }) => verdict === 'keep');
  return {
    experiments: records.length,
    kept: kept.length,
    trials: records.reduce((sum, { trials }) => sum + trials.length, 0),
    claimed: kept.reduce((sum, { gain, noise }) => sum + (gain ?? 0) / (noise ?? 1), 0),
  };
}

function rowsOf(nights: Readonly<Record<ComparedRule, readonly Night[]>>, isWhole: boolean): Row[] {
  const sum = (rule: ComparedRule, pick: (night: Night) => number): number =>
    nights[rule].reduce((total, night) => total + pick(night), 0);
  const text = (rule: ComparedRule): string =>
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
