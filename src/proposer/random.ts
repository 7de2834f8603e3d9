// The baseline that any proposer has to beat: one to three constants of the incumbent, each anywhere in its range.
import { fingerprint, literalAt, proposalOf } from './candidate-edit.ts';
import type { Proposer } from './proposer.ts';
import { createRandomNumbers, type RandomNumbers } from './random-numbers.ts';
import { readSearchSpace, type Parameter } from './search-space.ts';

const TRIES = 500;

/** Changes one to three constants at random; never to contents that were tried. */
export const proposeRandomly: Proposer = ({ files, history, pending, seed }) => {
  const random = createRandomNumbers(seed);
  const space = readSearchSpace(files);
  const known = new Set([files, ...history.map((tried) => tried.files), ...pending].map(fingerprint));
  for (let attempt = 0; attempt < TRIES && space.length > 0; attempt++) {
    const moves = shuffle(space, random)
      .slice(0, 1 + random.below(3))
      .map((parameter) => ({ parameter, value: literalAt(parameter, anywhere(parameter, random)) }));
    const proposal = proposalOf(files, moves);
    if (proposal !== null && !known.has(fingerprint(proposal.files))) return proposal;
  }
  return { kind: 'none', reason: nothingLeft(space.length) };
};

/** Any position of a number's axis, or any choice's index. */
function anywhere(parameter: Parameter, random: RandomNumbers): number {
  if (parameter.kind === 'choice') return random.below(parameter.choices.length);
  const { low, high } = parameter.axis;
  return low + random.uniform() * (high - low);
}

/** The items in a random order. */
export function shuffle<T>(items: readonly T[], random: RandomNumbers): T[] {
  return items
    .map((item) => ({ item, order: random.uniform() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** Why there is no proposal, in a sentence that says what to do. */
export function nothingLeft(parameters: number): string {
  return parameters === 0
    ? 'Expected module-level constants such as LEARNING_RATE = 1e-3 in the editable Python files, or numbers in editable YAML or JSON files, got none to vary; name them in capitals or mark them with a comment `# search: low..high`.'
    : `Expected a change of the ${parameters} constants that was not tried yet, found none; widen a \`# search:\` range or add constants.`;
}
