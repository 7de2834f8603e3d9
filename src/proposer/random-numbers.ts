// Pseudo-random numbers that a seed decides, so that a proposal made twice is the same proposal.
// Generator: sfc32 (C. Doty-Humphrey, PractRand), seeded by splitmix32.

/** A stream of random numbers. */
export interface RandomNumbers {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  /** Standard normal. */
  readonly normal: () => number;
  /** A whole number from 0 to `below` - 1. */
  readonly below: (below: number) => number;
  /** One of `items`, which must not be empty. */
  readonly pick: <T>(items: readonly [T, ...T[]]) => T;
}

/** Creates the stream of `seed`, any finite number; equal seeds give equal streams. */
export function createRandomNumbers(seed: number): RandomNumbers {
  const next = sfc32(seed);
  const uniform = (): number => next() / 2 ** 32;
  const below = (count: number): number => Math.floor(uniform() * count);
  return {
    uniform,
    below,
    // Box and Muller 1958; 1 - u keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    pick: (items) => items[below(items.length)] ?? items[0],
  };
}

function sfc32(seed: number): () => number {
  const low = splitmix32(Math.floor(seed))();
  const seeds = splitmix32(low + Math.floor(seed / 2 ** 32));
  let [a, b, c, counter] = [seeds(), seeds(), seeds(), 1];
  const next = (): number => {
    const out = (a + b + counter++) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + out) >>> 0;
    return out;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) next();
  return next;
}

function splitmix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}
