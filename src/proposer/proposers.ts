import type { Proposer } from './proposer.ts';
import { proposeRandomly } from './random.ts';
import { proposeBySearch } from './search.ts';

/** The built-in proposers by the word that a session's `proposer` option takes. */
export const proposers = { search: proposeBySearch, random: proposeRandomly } satisfies Record<string, Proposer>;
