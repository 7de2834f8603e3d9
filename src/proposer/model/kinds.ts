import type { Kind } from '../../domain/experiment.ts';

/** What a model is told when a kind of idea is wanted. */
export const inWords = {
  scalar: 'a number in the code that stands where it does without need',
  schedule: 'how a rate, a size or a weight changes over the training',
  optimizer: 'the update rule, its states, its groups of parameters',
  arch: 'the model itself, at about the same cost of a step',
  data: 'in what order, size or form training sees its data',
  systems: 'more steps in the same time, with the same result of each',
  simplify: 'less code that is as good',
  reproduce: 'an earlier idea that was unclear, or made on an older program, tried again on this one',
  combine: 'two or more near misses, or a near miss and a keep, joined',
  ablate: 'a part of the program taken out, to see whether it does anything',
} as const satisfies Record<Kind, string>;
