// What lanes are worth: experiments per hour of one session with four lanes on four CPU devices, beside one lane on the
// same machine. The real product; its training sleeps, so that four of them take one core no more than one does. And from
// the ledger alone: was every verdict measured against the base that its candidate was made from?
import { z } from 'zod';
import { courseOf } from '../src/domain/ledger-course.ts';
import type { Ledger } from '../src/domain/ledger.ts';
import { hundredths, tenths } from './figures.ts';
import { atLeast, atMost, told, type Bench, type Part, type Row } from './part.ts';
import { createProduct, type Product } from './product.ts';

const LANES = 4;
/** Of each session, for each of its lanes. */
const EXPERIMENTS = 6;
const TRIAL_SECONDS = 15;
const RATIO_BOUND = 3.8;

const laneSchema = z.object({
  perHour: z.number(),
  experiments: z.number(),
  /** Verdicts against another commit than the candidate was made from, or than the incumbent was when it began. */
  wrong: z.number(),
  overtaken: z.number(),
  overlapping: z.number(),
});
type Measured = z.output<typeof laneSchema>;

/** Four lanes beside one. */
export const lanesPart: Part = {
  name: 'lanes',
  about: 'experiments per hour of four lanes on four devices beside one lane, and their verdicts',
  measure: async (bench) => {
    const { experiments = EXPERIMENTS, trialSeconds = TRIAL_SECONDS } = bench.options;
    const key = `${experiments} experiments of ${trialSeconds} s in each lane`;
    const schema = z.object({ one: laneSchema, four: laneSchema });
    const { one, four } = await bench.piece(key, schema, () => measure(bench, experiments, trialSeconds));
    return rowsOf(one, four, trialSeconds);
  },
};

function rowsOf(one: Measured, four: Measured, trialSeconds: number): Row[] {
  const trials = `trials of ${trialSeconds} s`;
  return [
    told(`experiments per hour, one lane (${one.experiments} experiments, ${trials})`, tenths(one.perHour)),
    told(`experiments per hour, ${LANES} lanes (${four.experiments} experiments, ${trials})`, tenths(four.perHour)),
    atLeast(`${LANES} lanes / one lane`, four.perHour / one.perHour, RATIO_BOUND, hundredths),
    atMost(`verdicts against the wrong base, ${LANES} lanes`, four.wrong, 0, String),
    told(`  experiments that overlapped with others`, `${four.overlapping} of ${four.experiments}`),
    told(`  better than a base that another lane had replaced`, String(four.overtaken)),
  ];
}

async function measure(
  bench: Bench,
  experiments: number,
  trialSeconds: number,
): Promise<{ one: Measured; four: Measured }> {
  const devices = Array.from({ length: LANES }, (_, k) => `cpu${k}`).join(',');
  const product = await createProduct('small', bench.say, { env: { AUTORESEARCH_DEVICES: devices } });
  const night = (parallel: number) =>
    session(bench, product, { parallel, experiments: parallel * experiments, trialSeconds });
  try {
    return { one: await night(1), four: await night(LANES) };
  } finally {
    await product.close();
  }
}

async function session(
  bench: Bench,
  product: Product,
  size: { readonly parallel: number; readonly experiments: number; readonly trialSeconds: number },
): Promise<Measured> {
  const name = `lanes-${size.parallel}`;
  await bench.during(`starting ${name}`, () =>
    product.start(name, { ...size, calibration: 2, rule: 'greedy', seed: 1 }),
  );
  await bench.during(`${name}: ${size.experiments} experiments`, () => product.ended(name));
  return read(await product.ledger(name));
}

/** From the start of the first training to the end of the last, what a lane waits for included. */
function read(ledger: Ledger): Measured {
  const { experiments } = ledger;
  const trials = experiments.flatMap((record) => record.trials);
  const from = Math.min(...trials.map(({ startedAt }) => Date.parse(startedAt)));
  const to = Math.max(...trials.map(({ endedAt }) => Date.parse(endedAt)));
  const trained = experiments.filter((record) => record.trials.length > 0);
  let wrong = 0;
  courseOf(ledger, (record, before) => {
    if (record.trials.length === 0) return;
    const base = before.incumbent.commit;
    if (record.base !== base || record.incumbent.commit !== base) wrong++;
  });
  return {
    perHour: (trained.length / (to - from)) * 3_600_000,
    experiments: trained.length,
    wrong,
    overtaken: experiments.filter(({ overtaken }) => overtaken === true).length,
    overlapping: experiments.filter(({ order }) => order !== undefined).length,
  };
}
