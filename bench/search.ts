// How good is a proposer? Sessions on simulated surfaces with the greedy rule: keep what measures better. Side by side with
// random proposals; the share of the attainable gain that the incumbent truly has, not what it was measured to have.
import { fileURLToPath } from 'node:url';
import { applyEdit } from '../src/proposer/edit.ts';
import type { Files, Proposal, Proposer, Tried } from '../src/proposer/proposer.ts';
import { createRandomNumbers } from '../src/proposer/random-numbers.ts';
import { proposeRandomly } from '../src/proposer/random.ts';
import { proposeBySearch } from '../src/proposer/search.ts';
import { createSurface, type Surface } from './search-surface.ts';

/** One line of the comparison. */
export interface SearchBenchRow {
  readonly proposer: string;
  readonly experiments: number;
  /** Mean share of the attainable gain, 0 to 1. */
  readonly gainShare: number;
  /** The same of each surface, in their order. */
  readonly shares: readonly number[];
  readonly lowerQuartile: number;
  /** In how many surfaces it is ahead of `random`, as a share. */
  readonly aheadOfRandom: number;
  readonly crashShare: number;
  readonly millisecondsPerProposal: number;
}

const FIRST_SURFACE = 1001; // `search` was tuned on 1 to 40; a fair comparison uses others
const MARKS = [25, 60] as const;

interface Night {
  readonly shares: readonly number[];
  readonly crashes: number;
  readonly milliseconds: number;
}

/**
 * One session; the true share of the gain at each mark. As in a real one, a proposal is made while the one before it
 * trains, and is applied again where the incumbent moved meanwhile.
 */
export function simulateSession(
  propose: Proposer,
  surface: Surface,
  seed: number,
  marks: readonly number[] = MARKS,
): Night {
  const random = createRandomNumbers(seed);
  const measure = (truth: number): number => truth + surface.noise * random.normal();
  const base = surface.truth(surface.files) ?? 0;
  let incumbent = { files: surface.files, score: (measure(base) + measure(base) + measure(base)) / 3 };
  const history: Tried[] = [{ ...incumbent, verdict: 'baseline' }];
  let [crashes, milliseconds] = [0, 0];
  const proposal = (experiment: number, pending: readonly Files[]): Extract<Proposal, { kind: 'proposal' }> => {
    const started = performance.now();
    const { files, score: incumbentScore } = incumbent;
    const made = propose({
      files,
      history,
      pending,
      incumbentScore,
      noise: surface.noise,
      seed: seed * 1000 + experiment,
    });
    milliseconds += performance.now() - started;
    if (made.kind === 'none') throw new Error(`Expected a proposal on every surface, got none: ${made.reason}`);
    return made;
  };
  const shares: number[] = [];
  let next = proposal(1, []);
  for (let experiment = 1; experiment <= Math.max(...marks); experiment++) {
    const rebased = applyEdit(incumbent.files, next.edit);
    const files = rebased.ok ? rebased.files : next.files;
    next = proposal(experiment + 1, [files]);
    const truth = surface.truth(files);
    const score = truth === null ? null : measure(truth);
    const keep = score !== null && score < incumbent.score;
    history.push({ files, score, verdict: score === null ? 'crash' : keep ? 'keep' : 'discard' });
    if (score === null) crashes += 1;
    if (keep) incumbent = { files, score };
    if (marks.includes(experiment)) shares.push((base - (surface.truth(incumbent.files) ?? base)) / surface.attainable);
  }
  return { shares, crashes: crashes / Math.max(...marks), milliseconds: milliseconds / Math.max(...marks) };
}

/** Compares the built-in proposers over `surfaces` simulated tasks. */
export function benchSearch(surfaces = 40, proposers: Readonly<Record<string, Proposer>> = BUILT_IN): SearchBenchRow[] {
  const seeds = Array.from({ length: surfaces }, (_, index) => FIRST_SURFACE + index);
  const nights = Object.entries(proposers).map(([proposer, propose]) => ({
    proposer,
    nights: seeds.map((seed) => simulateSession(propose, createSurface(seed), seed)),
  }));
  const random = nights[0]?.nights ?? [];
  return MARKS.flatMap((experiments, mark) =>
    nights.map(({ proposer, nights: own }) => {
      const shares = own.map((night) => night.shares[mark] ?? 0);
      const ahead = shares.filter((share, index) => share > (random[index]?.shares[mark] ?? 0)).length;
      return {
        proposer,
        experiments,
        gainShare: mean(shares),
        shares,
        lowerQuartile: shares.toSorted((a, b) => a - b)[Math.floor(shares.length / 4)] ?? 0,
        aheadOfRandom: ahead / shares.length,
        crashShare: mean(own.map((night) => night.crashes)),
        millisecondsPerProposal: mean(own.map((night) => night.milliseconds)),
      };
    }),
  );
}

const BUILT_IN = { random: proposeRandomly, search: proposeBySearch };

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.table(benchSearch().map(({ shares: _shares, ...row }) => row));
