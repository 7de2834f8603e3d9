// `hybrid` beside its arms on simulated tasks: `search`, and a model that is played. The played model imagines some
// changes of the constants that its kind of idea is about, and proposes the truly best of them: the more it imagines, the
// better a model it is. It has nothing that `search` has not, which is the worst case for taking turns.
import { posterior } from '../src/domain/posterior.ts';
import { currentPosition, fingerprint, literalAt, proposalOf } from '../src/proposer/candidate-edit.ts';
import { chooseKind, chooseSide, type Turn } from '../src/proposer/hybrid.ts';
import type { Proposal, Proposer, ProposeRequest } from '../src/proposer/proposer.ts';
import { createRandomNumbers, type RandomNumbers } from '../src/proposer/random-numbers.ts';
import { proposeRandomly, shuffle } from '../src/proposer/random.ts';
import { proposeBySearch } from '../src/proposer/search.ts';
import { readSearchSpace, type Parameter } from '../src/proposer/search-space.ts';
import { simulateSession } from './search.ts';
import { createSurface, type Surface } from './search-surface.ts';

/** What each kind of idea changes; the others change anything. */
const ABOUT: Readonly<Record<string, RegExp>> = {
  optimizer: /LR$|RATE$|DECAY|BETAS/,
  schedule: /RATIO/,
  arch: /DEPTH|WIDTH|ACTIVATION|TIE|INIT/,
  data: /BATCH|DROPOUT/,
  systems: /DROPOUT|TIE/,
};
const TRIES = 60;

/** A played model that imagines `skill` changes for each proposal. */
function playModel(surface: Surface, skill: number, kind: string): Proposer {
  return (request) => {
    const { files, history, pending, seed } = request;
    const random = createRandomNumbers(seed + 0.25);
    const space = readSearchSpace(files).filter(({ name }) => (ABOUT[kind] ?? /./).test(name));
    const known = new Set([files, ...history.map((tried) => tried.files), ...pending].map(fingerprint));
    const imagined: { readonly proposal: Proposal; readonly truth: number }[] = [];
    for (let attempt = 0; attempt < TRIES && imagined.length < skill; attempt++) {
      const moves = shuffle(space, random)
        .slice(0, 1 + random.below(2))
        .map((parameter) => ({ parameter, value: literalAt(parameter, elsewhere(parameter, random)) }));
      const proposal = proposalOf(files, moves);
      if (proposal !== null && !known.has(fingerprint(proposal.files)))
        imagined.push({ proposal, truth: surface.truth(proposal.files) ?? Infinity });
    }
    const best = imagined.toSorted((a, b) => a.truth - b.truth)[0];
    return best?.proposal ?? proposeRandomly(request);
  };
}

function elsewhere(parameter: Parameter, random: RandomNumbers): number {
  if (parameter.kind === 'choice') return random.below(parameter.choices.length);
  const direction = random.uniform() < 0.5 ? -1 : 1;
  return currentPosition(parameter) + direction * parameter.axis.step * (0.3 + 1.5 * random.uniform());
}

/** `hybrid`, or the played model alone where `alone`; makes one for each session, because it knows whose turn it was. */
function takeTurns(surface: Surface, skill: number, alone: boolean): Proposer {
  const taken: Pick<Turn, 'side' | 'kind'>[] = [];
  return (request) => {
    const random = createRandomNumbers(request.seed + 0.5);
    const turns = turnsOf(request, taken);
    const side = alone ? 'model' : chooseSide(turns, random);
    const kind = chooseKind(alone ? [] : turns, random);
    taken.push({ side, ...(side === 'model' && { kind }) });
    return side === 'model' ? playModel(surface, skill, kind)(request) : proposeBySearch(request);
  };
}

/** Variance, in units of one trial's, of the difference between a trial and an incumbent that was chosen by such trials. */
const DIFFERENCE_VARIANCE = 1.4;

/** What the session's own trials tell of each turn; the last one is still training. */
function turnsOf({ history, noise }: ProposeRequest, taken: readonly Pick<Turn, 'side' | 'kind'>[]): Turn[] {
  let incumbent = history[0]?.score ?? 0;
  return history.slice(1).flatMap(({ score, verdict }, index) => {
    const whose = taken[index];
    if (whose === undefined) return [];
    let gain = 0;
    if (score !== null) {
      const difference = (incumbent - score) / (noise ?? 1);
      const { mean, better } = posterior({ difference, variance: DIFFERENCE_VARIANCE, degrees: 8 });
      gain = Math.max(0, mean) * better;
    }
    if (verdict === 'keep') incumbent = score ?? incumbent;
    return [{ ...whose, gain, cost: 1, isDropped: false }];
  });
}

/** One comparison: mean shares of the attainable gain after 60 experiments. */
export interface HybridBenchRow {
  readonly skill: number;
  readonly search: number;
  readonly model: number;
  readonly hybrid: number;
}

const FIRST_SURFACE = 2001; // none that anything was tuned on
const EXPERIMENTS = 60;

/** Compares `hybrid` with its arms over `surfaces` simulated tasks, for models of these skills. */
export function benchHybrid(surfaces: number, skills: readonly number[]): HybridBenchRow[] {
  const seeds = Array.from({ length: surfaces }, (_, index) => FIRST_SURFACE + index);
  const share = (make: (surface: Surface) => Proposer): number => {
    const shares = seeds.map((seed) => {
      const surface = createSurface(seed);
      return simulateSession(make(surface), surface, seed, [EXPERIMENTS]).shares[0] ?? 0;
    });
    return shares.reduce((sum, value) => sum + value, 0) / shares.length;
  };
  const search = share(() => proposeBySearch);
  return skills.map((skill) => ({
    skill,
    search,
    model: share((surface) => takeTurns(surface, skill, true)),
    hybrid: share((surface) => takeTurns(surface, skill, false)),
  }));
}
