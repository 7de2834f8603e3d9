// A device beside a proposer that takes long: a model on loopback that answers after most of a trial's length. With
// look-ahead the device does not wait for it; without, it waits each time.
import { z } from 'zod';
import { startMessagesApi, type Reply } from '../test/support/messages-api.ts';
import { hundredths, seconds } from './figures.ts';
import { gapsIn } from './idle.ts';
import { atLeast, atMost, told, type Bench, type Part, type Row } from './part.ts';
import { createProduct, type Product } from './product.ts';
import { quantile } from './statistics.ts';

/** Simulated: a proposer of this pace beside trials of that length. */
const QUICK = { proposer: 10, trial: 15, experiments: 8 } as const;
/** With `--full`: as a model that thinks, beside short trials of a real task. */
const FULL = { proposer: 60, trial: 90, experiments: 10 } as const;
const P50_BOUND_SECONDS = 0.5;
const OCCUPANCY_BOUND = 0.99;
const MODEL = 'a-slow-model';

const measuredSchema = z.object({ idle: z.array(z.number()), busyShare: z.number() });
type Measured = z.output<typeof measuredSchema>;

/** Idle of the device with a slow proposer, with and without look-ahead. */
export const slowProposerPart: Part = {
  name: 'slow-proposer',
  about: 'how long the device waits beside a proposer that takes 10 s (--full: 60 s), with and without look-ahead',
  measure: async (bench) => {
    const chosen = bench.options.full ? FULL : QUICK;
    const pace = { ...chosen, experiments: bench.options.experiments ?? chosen.experiments };
    const rows: Row[] = [];
    for (const lookahead of [1, 0]) {
      const key = `proposer ${pace.proposer} s, ${pace.experiments} trials of ${pace.trial} s, look-ahead ${lookahead}`;
      const measured = await bench.piece(key, measuredSchema, () => measure(bench, { ...pace, lookahead }));
      rows.push(...rowsOf(measured, { ...pace, lookahead }, bench.options.full));
    }
    return rows;
  },
};

interface Pace {
  readonly proposer: number;
  readonly trial: number;
  readonly experiments: number;
  readonly lookahead: number;
}

function rowsOf({ idle, busyShare }: Measured, pace: Pace, full: boolean): Row[] {
  const what = `proposer ${pace.proposer} s, trials of ${pace.trial} s, look-ahead ${pace.lookahead}`;
  const half = quantile(idle, 0.5);
  if (pace.lookahead === 0) return [told(`device idle between trials, p50 (${what})`, seconds(half))];
  return [
    atMost(`device idle between trials, p50 (${what})`, half, P50_BOUND_SECONDS, seconds),
    full
      ? atLeast(`share of the time that the device is in use (${what})`, busyShare, OCCUPANCY_BOUND, hundredths)
      : told(`share of the time that the device is in use (${what})`, hundredths(busyShare)),
  ];
}

async function measure(bench: Bench, pace: Pace): Promise<Measured> {
  const api = await startMessagesApi((_asked, before) => answer(pace.proposer, before));
  const env = { ANTHROPIC_API_KEY: 'a-key-of-nobody', ANTHROPIC_BASE_URL: api.url };
  const product = await createProduct('small', bench.say, { env });
  try {
    return await night(bench, product, pace);
  } finally {
    await product.close();
    await api.close();
  }
}

/** Another dropout each time, never a better one: what waits is never outdated. */
function answer(afterSeconds: number, before: number): Reply {
  const replace = `DROPOUT = ${(0.2 + before / 1000).toFixed(3)}`;
  const edits = [{ file: 'train.py', search: 'DROPOUT = 0.1', replace }];
  const propose = { hypothesis: replace, kind: 'scalar', expected_gain: 0, edits };
  return { propose, afterMs: afterSeconds * 1000 };
}

async function night(bench: Bench, product: Product, { trial, experiments, lookahead }: Pace): Promise<Measured> {
  const name = `slow-${lookahead}`;
  const asked = { proposer: 'anthropic', model: MODEL, rule: 'greedy', calibration: 2, seed: 1 } as const;
  await bench.during(`starting ${name}`, () =>
    product.start(name, { ...asked, experiments, trialSeconds: trial, lookahead }),
  );
  await bench.during(`${name}: ${experiments} experiments`, () => product.ended(name));
  const { gaps } = await gapsIn(product, name);
  const idle = gaps.map((gap) => gap.idle);
  const waited = idle.reduce((sum, gap) => sum + gap, 0);
  return { idle, busyShare: (idle.length * trial) / (idle.length * trial + waited) };
}
