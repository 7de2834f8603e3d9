// Nights of made-up ideas whose true gains are known: what a rule keeps, what it believes, and what is true.
// All in units of s, the noise of one trial; lower scores are better.
import { decide, standingAfter, type JudgedTrial } from '../src/domain/decide.ts';
import { priorPool } from '../src/domain/noise.ts';
import type { SequentialRule } from '../src/domain/sequential.ts';
import { calibrated, type Standing } from '../src/domain/standing.ts';
import { createRandomNumbers, type RandomNumbers } from '../src/proposer/random-numbers.ts';

/** A rule under test; `greedy` keeps what scored better in one trial. */
export type NightRule = SequentialRule | 'greedy';

/** What a night came to. */
export interface Night {
  readonly keeps: number;
  /** Keeps of ideas that are no better. */
  readonly falseKeeps: number;
  /** True gain of the last incumbent over the baseline. */
  readonly gain: number;
  /** What the rule claims it to be. */
  readonly claimed: number;
  readonly candidates: number;
}

/** The true gain of the next idea, when so many good ones have been found. */
export type World = (random: RandomNumbers, goodKept: number) => number;

/** Ideas that change nothing. */
export const noOps: World = () => 0;

/** A rich search space that gets poorer: 12 % of the ideas help by 0.5 to 3 s, fewer as they are found. */
export const main: World = (random, goodKept) => {
  if (random.uniform() < 0.12 * (1 - goodKept / 20)) return 0.5 + 2.5 * random.uniform();
  return random.uniform() < 38 / 88 ? 0.2 * random.normal() : 2 * Math.log(1 - random.uniform());
};

const CALIBRATION_TRIALS = 5;

/** Plays one night of `trials` trials, calibration included. */
function playNight(rule: NightRule, world: World, trials: number, seed: number): Night {
  const random = createRandomNumbers(seed);
  return rule === 'greedy' ? playGreedy(world, trials, random) : playSequential(rule, world, trials, random);
}

function playGreedy(world: World, trials: number, random: RandomNumbers): Night {
  let [truth, score, keeps, falseKeeps, good] = [0, random.normal(), 0, 0, 0];
  const first = score;
  for (let used = 1; used < trials; used++) {
    const gain = world(random, good);
    const trial = truth - gain + random.normal();
    if (trial >= score) continue;
    [truth, score] = [truth - gain, trial];
    keeps++;
    if (gain <= 0) falseKeeps++;
    else if (gain >= 0.5) good++;
  }
  return { keeps, falseKeeps, gain: -truth, claimed: first - score, candidates: trials - 1 };
}

function playSequential(rule: SequentialRule, world: World, trials: number, random: RandomNumbers): Night {
  const night = { used: 0, truth: 0 };
  const trial = (truth: number): number => {
    night.used++;
    return truth + random.normal();
  };
  const first = Array.from({ length: CALIBRATION_TRIALS }, () => trial(0));
  let standing = calibrated(first, priorPool(1));
  const baseline = standing.mean;
  let [keeps, falseKeeps, good, candidates] = [0, 0, 0, 0];
  while (night.used < trials) {
    const gain = world(random, good);
    const ended = tryOut(
      rule,
      standing,
      () => trial(night.truth),
      () => trial(night.truth - gain),
      () => night.used < trials,
    );
    standing = ended.standing;
    if (ended.verdict === 'undecided') break;
    candidates++;
    if (ended.verdict === 'discard') continue;
    night.truth -= gain;
    keeps++;
    if (gain <= 0) falseKeeps++;
    else if (gain >= 0.5) good++;
  }
  return { keeps, falseKeeps, gain: -night.truth, claimed: baseline - standing.mean, candidates };
}

interface Ended {
  readonly verdict: 'keep' | 'discard' | 'undecided';
  readonly standing: Standing;
}

/** One candidate from its first trial to its verdict. */
function tryOut(
  rule: SequentialRule,
  from: Standing,
  incumbent: () => number,
  candidate: () => number,
  hasTime: () => boolean,
  netLines = 0,
): Ended {
  const trials: JudgedTrial[] = [];
  for (;;) {
    const evidence = { rule, direction: 'minimize', standing: from, netLines, trials } as const;
    const decision = decide(evidence);
    if (decision.kind === 'verdict') {
      const verdict = decision.verdict === 'keep' ? 'keep' : 'discard';
      return { verdict, standing: standingAfter(evidence, verdict === 'keep') };
    }
    if (!hasTime()) return { verdict: 'undecided', standing: standingAfter(evidence, false) };
    const value = decision.arm === 'incumbent' ? incumbent() : candidate();
    trials.push({ role: decision.arm, value });
  }
}

/** How often an idea of true size `gain` is kept when it is met right after calibration, of `tries`. */
export function keepShare(rule: SequentialRule, gain: number, tries: number, seed: number, netLines = 0): number {
  const random = createRandomNumbers(seed);
  let keeps = 0;
  for (let k = 0; k < tries; k++) {
    const first = Array.from({ length: CALIBRATION_TRIALS }, () => random.normal());
    const standing = calibrated(first, priorPool(1));
    const { verdict } = tryOut(
      rule,
      standing,
      () => random.normal(),
      () => random.normal() - gain,
      () => true,
      netLines,
    );
    if (verdict === 'keep') keeps++;
  }
  return keeps / tries;
}

/** Means over many nights, seeds counted up from `seed`. */
export function meanNight(rule: NightRule, world: World, nights: number, trials: number, seed: number) {
  const all = Array.from({ length: nights }, (_, k) => playNight(rule, world, trials, seed + k));
  const mean = (value: (night: Night) => number): number =>
    all.reduce((sum, night) => sum + value(night), 0) / all.length;
  const keeps = mean((night) => night.keeps);
  const falseKeeps = mean((night) => night.falseKeeps);
  return {
    keeps,
    falseKeeps,
    falseShare: keeps === 0 ? 0 : falseKeeps / keeps,
    gain: mean((night) => night.gain),
    claimed: mean((night) => night.claimed),
    overClaim: mean((night) => night.claimed - night.gain),
    candidates: mean((night) => night.candidates),
  };
}
