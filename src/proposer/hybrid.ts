// Who proposes next where both the search and a model can: a bandit of two arms, and of the model's kinds of ideas.
// Two levels, because a dozen arms at once are not told apart in sixty experiments. At both a turn is drawn in proportion
// to what each arm gains for its cost: sharing costs little where gains shrink with every further experiment of the same
// arm, and whoever took the single best arm would have to know it before the night is over.
import type { ExperimentRecord } from '../domain/experiment.ts';
import type { Kind } from '../domain/model-work.ts';
import type { RandomNumbers } from './random-numbers.ts';

/** Who can have a turn. */
export type Side = 'search' | 'model';

/** What one experiment tells of who proposed it. */
export interface Turn {
  readonly side: Side;
  /** Of a model's idea, by its own word. */
  readonly kind?: Kind | undefined;
  /** The shrunk gain times its probability, in units of the noise; 0 where there is none. */
  readonly gain: number;
  /** Device seconds, and what the model took as device seconds. */
  readonly cost: number;
  readonly isDropped: boolean;
}

/** An hour of a rented device costs about two dollars: so many of its seconds are a dollar. */
const SECONDS_PER_DOLLAR = 1800;
/** Without noise a gain is weighed by this share of the metric. */
const UNIT_SHARE = 0.01;

/** What a record tells, or null where neither proposed it: a person did, or nobody can tell. */
export function turnOf(record: ExperimentRecord): Turn | null {
  const { work, proposer, verdict, trials } = record;
  const own = work?.inVain === true ? undefined : work; // an API that is down says nothing of ideas
  const side = own !== undefined || proposer === 'anthropic' ? 'model' : proposer === 'search' ? 'search' : null;
  if (side === null) return null;
  const seconds = trials.reduce((sum, trial) => sum + trial.seconds, 0);
  const cost = seconds + SECONDS_PER_DOLLAR * (own?.usd ?? 0);
  return { side, kind: own?.kind, gain: gainOf(record), cost, isDropped: verdict === 'dropped' };
}

/** Undecided and discarded ideas count with the chance that they are better; `greedy` weighs nothing, so its keeps do. */
function gainOf({ verdict, gain, noise, assessment, incumbent }: ExperimentRecord): number {
  if (verdict !== 'keep' && verdict !== 'discard' && verdict !== 'undecided') return 0;
  const unit = noise !== null && noise > 0 ? noise : UNIT_SHARE * Math.abs(incumbent.value ?? 0) || 1;
  if (assessment !== undefined) return (Math.max(0, assessment.gain) * assessment.better) / unit;
  return verdict === 'keep' ? Math.max(0, gain ?? 0) / unit : 0;
}

// Tried on simulated surfaces (bench/hybrid.ts): floors of .15 to .3, memories of 10 experiments to all and priors of half
// to one noise differ by less than the noise of the comparison.
/** What an arm gained counts less with every experiment since: ideas run out. */
const MEMORY = 0.95;
/** Each arm begins as if it had gained this many times the noise in so many experiments of usual cost. */
const PRIOR_GAIN = 1;
const PRIOR_EXPERIMENTS = 4;
/** Nobody gets less than this share of the turns: what was useless may be useful on the next incumbent. */
const LEAST_SHARE = 0.2;
/** After so many proposals in a row that came to nothing it is the other's turn. */
const DROPPED_IN_A_ROW = 2;

/** Whose turn it is. The same turns and random numbers give the same answer. */
export function chooseSide(turns: readonly Turn[], random: RandomNumbers): Side {
  const chance = random.uniform();
  const last = turns.at(-1)?.side;
  const lost = turns.slice(-DROPPED_IN_A_ROW);
  if (lost.length === DROPPED_IN_A_ROW && lost.every(({ side, isDropped }) => isDropped && side === last))
    return last === 'model' ? 'search' : 'model';
  const worth = (side: Side): number => rateOf(turns, (turn) => turn.side === side);
  const share = worth('model') / (worth('model') + worth('search'));
  return chance < Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, share)) ? 'model' : 'search';
}

/** What a model is asked for; more special kinds are scheduled, whatever they gained. */
const IDEAS = ['schedule', 'optimizer', 'arch', 'data', 'systems', 'scalar'] as const satisfies readonly Kind[];
/** The search has the numbers already: a model that is left alone with them does worse than both together. */
const SCALAR_WEIGHT = 0.3;

/** Which kind of idea a model is asked for. */
export function chooseKind(turns: readonly Turn[], random: RandomNumbers): Kind {
  const weights = IDEAS.map((kind) => {
    const rate = rateOf(turns, (turn) => turn.side === 'model' && turn.kind === kind);
    return { kind, weight: kind === 'scalar' ? SCALAR_WEIGHT * rate : rate };
  });
  let left = random.uniform() * weights.reduce((sum, { weight }) => sum + weight, 0);
  return weights.find(({ weight }) => (left -= weight) < 0)?.kind ?? 'optimizer';
}

/** Gain for the cost of a usual experiment. */
function rateOf(turns: readonly Turn[], isOf: (turn: Turn) => boolean): number {
  const usual = turns.reduce((sum, { cost }) => sum + cost, 0) / Math.max(1, turns.length) || 1;
  let [gain, cost] = [PRIOR_GAIN, PRIOR_EXPERIMENTS];
  for (const [index, turn] of turns.entries()) {
    if (!isOf(turn)) continue;
    const weight = MEMORY ** (turns.length - 1 - index);
    gain += weight * turn.gain;
    cost += (weight * turn.cost) / usual;
  }
  return gain / cost;
}
