import { InvalidInput } from '../src/domain/invalid-input.ts';
import { candidateRef } from '../src/domain/names.ts';
import { commitOf, homeClonePath } from '../src/git/home-clone.ts';
import { restoreCommit } from '../src/git/restore.ts';
import type { Activities, RestoreInput } from './contract.ts';

/** Makes the commit that sets the kept line back; the event that says so moves the line to it. */
export function createRestore({ repos }: { readonly repos: string }): Activities['restore'] {
  return async (input) => {
    const { contract, tip, message, at } = input;
    const clone = homeClonePath({ repos, origin: contract.origin });
    const target = await targetOf(clone, input);
    return { commit: await restoreCommit({ clone, tip, target, message, at }), target };
  };
}

async function targetOf(clone: string, { contract, target, experiment = 0 }: RestoreInput): Promise<string> {
  if (target !== undefined) return target;
  if (experiment === 0) return contract.base;
  const commit = await commitOf(clone, candidateRef(contract.tag, experiment));
  if (commit !== undefined) return commit;
  throw new InvalidInput(`Expected experiment ${experiment} to have a candidate, got none.`);
}
