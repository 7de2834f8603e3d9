import { homeClonePath } from '../src/git/home-clone.ts';
import { restoreCommit } from '../src/git/restore.ts';
import type { Activities } from './contract.ts';

/** Makes the commit that sets the kept line back; the event that says so moves the line to it. */
export function createRestore({ repos }: { readonly repos: string }): Activities['restore'] {
  return async ({ contract, ...request }) => {
    const clone = homeClonePath({ repos, origin: contract.origin });
    return { commit: await restoreCommit({ clone, ...request }) };
  };
}
