// The built-in proposer. It needs no key: it reads the module-level constants of the editable files, and from the
// session's own experiments it learns which of them to change, and where to.
//
// The situation is not that of a common hyper-parameter optimiser: some 14 constants, 25 to 60 noisy experiments, each one
// to three changes away from an incumbent that only improvements move. Tree-structured Parzen estimators alone (tpe.ts) are
// behind random proposals here: all good results are mutants of the same incumbent, so a density of the good values is
// mostly a picture of the incumbent (true share of the attainable gain after 25 and 60 experiments on 24 simulated tasks
// like those of bench/search.ts: .39 and .61; random .55 and .68). What works is to keep apart what each constant does. So:
//   1. ideas.ts imagines several hundred changes: steps up and down, and values that the Parzen estimator suggests;
//   2. surrogate.ts believes something about each, from all experiments at once: it repeats a direction that helped while
//      it helps, tries both directions of what is unknown, joins what helped apart, and keeps away from crashes;
//   3. the idea with the greatest expected improvement over the incumbent, of those never tried, is proposed.
// The shares on bench/search.ts, on 40 tasks that nothing was tuned on, are then .66 and .83 (random: .37 and .59; ahead on
// 33 of 40 at both). Nothing is scheduled: with no data the doubt is greatest, so the first experiments probe, rates and
// sizes first; later ones refine.
import { fingerprint, proposalOf } from './candidate-edit.ts';
import { createMeasure, readEvidence } from './evidence.ts';
import { expectedImprovement } from './expected-improvement.ts';
import { imagineChanges } from './ideas.ts';
import type { Proposer } from './proposer.ts';
import { createRandomNumbers } from './random-numbers.ts';
import { nothingLeft, proposeRandomly } from './random.ts';
import { readSearchSpace } from './search-space.ts';
import { fitSurrogate } from './surrogate.ts';

/** Proposes the change of one to three constants that promises most. */
export const proposeBySearch: Proposer = (request) => {
  const { files, history, pending, seed } = request;
  const space = readSearchSpace(files);
  if (space.length === 0) return { kind: 'none', reason: nothingLeft(0) };
  const measure = createMeasure(space);
  const here = measure.pointOf(files);
  const observations = readEvidence(request, measure);
  const origin = measure.pointOf(history[0]?.files ?? files);
  const surrogate = fitSurrogate({ ...measure, observations, origin });
  const ideas = imagineChanges({ space, here, observations, random: createRandomNumbers(seed) });
  const ranked = ideas
    .map(({ moves, point }) => ({ moves, promise: expectedImprovement(surrogate.gain(here, point)) }))
    .toSorted((a, b) => b.promise - a.promise);
  const known = new Set([files, ...history.map((tried) => tried.files), ...pending].map(fingerprint));
  for (const { moves } of ranked) {
    const proposal = proposalOf(files, moves);
    if (proposal !== null && !known.has(fingerprint(proposal.files))) return proposal;
  }
  return proposeRandomly(request); // everything near was tried: anywhere in the ranges
};
