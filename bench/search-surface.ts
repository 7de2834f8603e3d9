// A training that costs nothing: 14 knobs, each near log-quadratic around an optimum that the seed moves, as learning
// rates and sizes are in practice. Rates lean on the batch size, depth and width share a time budget, too much of either
// crashes, three knobs do nothing, and every measurement is noisy. No two seeds have the same important knobs.
import { readConstants } from '../src/proposer/constants.ts';
import type { Files } from '../src/proposer/proposer.ts';
import { createRandomNumbers } from '../src/proposer/random-numbers.ts';
import { shuffle } from '../src/proposer/random.ts';

/** One simulated task. Lower scores are better. */
export interface Surface {
  readonly files: Files;
  /** Standard deviation of `measure`. */
  readonly noise: number;
  /** The score without noise; null for a crash. */
  readonly truth: (files: Files) => number | null;
  /** What the best constants would gain over `files`. */
  readonly attainable: number;
}

/** The file whose constants are searched; commented ranges as in a task that was written for us, when `commented`. */
function source(commented: boolean): string {
  const search = (comment: string): string => (commented ? `  # search: ${comment}` : '');
  return [
    `LEARNING_RATE = 1e-3${search('1e-4..1e-1 log')}`,
    `EMBEDDING_LR = 0.3${search('0.01..3 log')}`,
    'WEIGHT_DECAY = 0.1',
    'ADAM_BETAS = (0.9, 0.95)',
    `WARMUP_RATIO = 0.0${search('0..0.4')}`,
    'WARMDOWN_RATIO = 0.5',
    'DEPTH = 6',
    `WIDTH = 256${search('32..2048 log')}`,
    'BATCH_SIZE = 2**15',
    'DROPOUT = 0.1',
    'INIT_SCALE = 1.0',
    'ACTIVATION = "relu"  # search: "relu", "gelu", "tanh"',
    'TIE_WEIGHTS = False',
    '',
  ].join('\n');
}

type Values = Readonly<Record<string, number>>;

/** Values by name; betas become their distance to 1, what is no number its place among the choices. */
function readValues(text: string): Values {
  const values: Record<string, number> = {};
  for (const { name, literal, text: written } of readConstants(text)) {
    if (literal.kind === 'number') values[name] = literal.value;
    if (literal.kind === 'tuple') for (const [i, item] of literal.items.entries()) values[`BETA${i}`] = 1 - item.value;
    if (literal.kind === 'string') values[name] = ['relu', 'gelu', 'tanh'].indexOf(literal.value);
    if (literal.kind === 'boolean') values[name] = written === 'True' ? 1 : 0;
  }
  return values;
}

// Per knob: from value to a coordinate in which 1 is a move that a person would try, and how far off the start may be.
const LOG = (of: number) => (value: number) => Math.log(Math.max(value, 1e-9)) / Math.log(of);
const KNOBS: Readonly<Record<string, { at: (value: number) => number; off: number; weight: number }>> = {
  LEARNING_RATE: { at: LOG(2.5), off: 1.5, weight: 3 },
  EMBEDDING_LR: { at: LOG(2.5), off: 1.3, weight: 1 },
  WEIGHT_DECAY: { at: (value) => LOG(3)(value + 0.01), off: 1.2, weight: 0.6 },
  BETA0: { at: LOG(2.5), off: 1, weight: 0.6 },
  BETA1: { at: LOG(2.5), off: 1, weight: 0.6 },
  WARMUP_RATIO: { at: (value) => value / 0.1, off: 1, weight: 0.5 },
  WARMDOWN_RATIO: { at: (value) => value / 0.25, off: 1.2, weight: 1 },
  BATCH_SIZE: { at: LOG(2), off: 1.4, weight: 1.5 },
  DROPOUT: { at: (value) => LOG(2.5)(value + 0.02), off: 1.2, weight: 0.8 },
  INIT_SCALE: { at: LOG(2), off: 1, weight: 0.7 },
};

/** A parabola with straight arms. */
function smooth(u: number): number {
  return Math.abs(u) < 2 ? u * u : 4 * Math.abs(u) - 4;
}

/** Creates the surface of a seed. */
export function createSurface(seed: number): Surface {
  const random = createRandomNumbers(seed);
  const files = { 'train.py': source(seed % 2 === 0) };
  const start = readValues(files['train.py']);
  const names = Object.keys(KNOBS);
  const shuffled = shuffle(names, random);
  const useless = new Set(shuffled.filter((name) => name !== 'LEARNING_RATE').slice(0, 3));
  const knobs = names.map((name) => {
    const knob = KNOBS[name] ?? { at: LOG(2), off: 1, weight: 1 };
    const weight = useless.has(name) ? 0 : knob.weight * Math.exp(0.7 * random.normal());
    return { name, at: knob.at, weight, best: knob.at(start[name] ?? 0) + knob.off * random.normal() };
  });
  const [sizeBest, sizeWeight, shapeBest] = [
    1.5 * random.normal(),
    2 * Math.exp(0.5 * random.normal()),
    random.normal(),
  ];
  const choices = [0, 0.6 * random.normal(), 0.6 * random.normal()];
  const tied = 0.4 * random.normal();

  const truth = (candidate: Files): number | null => {
    const values = readValues(candidate['train.py'] ?? '');
    const batch = LOG(2)((values['BATCH_SIZE'] ?? 1) / 2 ** 15);
    const [depth, width] = [LOG(2)((values['DEPTH'] ?? 1) / 6), LOG(2)((values['WIDTH'] ?? 1) / 256)];
    const size = depth + 2 * width;
    let [score, tooFast] = [0, false];
    for (const knob of knobs) {
      const lean = knob.name === 'LEARNING_RATE' ? 0.4 * batch - 0.3 * width : 0;
      const off = knob.at(values[knob.name] ?? 0) - knob.best - lean;
      // The start itself never crashes, however far above the best rate it is.
      if (knob.name === 'LEARNING_RATE' && off > Math.max(2.8, knob.at(start[knob.name] ?? 0) - knob.best + 1))
        tooFast = true;
      score += knob.weight * smooth(off);
    }
    if (tooFast || size + Math.max(0, batch) > 6) return null;
    score += 0.3 * sizeWeight * smooth((size - sizeBest) / 1.5) + 0.15 * smooth(depth - width - shapeBest);
    const [activation, tie] = [values['ACTIVATION'] ?? 0, values['TIE_WEIGHTS'] ?? 0];
    return 3 + 0.02 * (score + (choices[activation] ?? 0) + tie * tied);
  };
  const floor = 3 + 0.02 * (Math.min(...choices) + Math.min(0, tied));
  const attainable = (truth(files) ?? floor) - floor;
  return { files, truth, attainable, noise: attainable / (8 + 30 * random.uniform()) };
}
