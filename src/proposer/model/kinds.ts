// Which kind of idea is wanted: most of the time the proposer's own choice, now and then one that is easily forgotten, and on
// a plateau what was left alone for the longest time.
import type { ExperimentRecord } from '../../domain/experiment.ts';
import { KINDS, type Kind } from '../../domain/model-work.ts';

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

/** A model's experiment is of a kind that nobody comes to by himself where its number is a multiple of this. */
const SCHEDULED_EVERY = 8;
const SCHEDULED = ['combine', 'simplify', 'ablate', 'reproduce'] as const satisfies readonly Kind[];

/** After so many experiments without a keep the next ones are of other kinds. Spells of 26 to 67 are usual, and no reason to stop. */
const DRY_SPELL = 12;

/** How many experiments there were since the last keep; what came to nothing is none. */
export function drySpellOf(records: readonly ExperimentRecord[]): number {
  const since = records.slice(1 + records.findLastIndex(({ verdict }) => verdict === 'keep'));
  return since.filter(({ verdict }) => verdict !== 'dropped' && verdict !== 'failed').length;
}

/** Whether it is time for other kinds of ideas. */
export const isPlateau = (records: readonly ExperimentRecord[]): boolean => drySpellOf(records) >= DRY_SPELL;

/** The kind that an experiment is to be of: by the schedule, or another one on a plateau; undefined where any will do. */
export function kindWanted(records: readonly ExperimentRecord[], experiment: number): Kind | undefined {
  const possible = SCHEDULED.filter((kind) => isPossible(kind, records));
  if (experiment % SCHEDULED_EVERY === 0) return possible[(experiment / SCHEDULED_EVERY - 1) % possible.length];
  return isPlateau(records) ? longestLeft(records) : undefined;
}

function isPossible(kind: Kind, records: readonly ExperimentRecord[]): boolean {
  switch (kind) {
    case 'combine':
      return records.filter(({ nearMiss }) => nearMiss === true).length > 1;
    case 'reproduce':
      return records.some(({ verdict }) => verdict === 'discard');
    default:
      return true;
  }
}

/** Possible, and nobody has tried it for the longest time; in their order where nobody ever did. */
function longestLeft(records: readonly ExperimentRecord[]): Kind {
  const kinds: readonly Kind[] = KINDS.filter((kind) => kind !== 'reproduce' && isPossible(kind, records));
  const last = (kind: Kind): number => records.findLastIndex(({ work }) => work?.kind === kind);
  return kinds.reduce((best, kind) => (last(kind) < last(best) ? kind : best));
}
