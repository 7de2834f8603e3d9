// Which tags a new session cannot have, before anything is opened: the same refs that opening it would trip over.
import { existsSync } from 'node:fs';
import { homeClonePath, refsBelow } from './home-clone.ts';
import { isPathOrigin } from './user-repo.ts';

const SESSIONS = ['refs/autoresearch', 'refs/heads/autoresearch'];
/** What a home clone last saw of its origin's kept lines. */
const SEEN = 'refs/remotes/origin/autoresearch';

/** Tags that refs bear already, at the origin or in this machine's home clone of it; fetches nothing. */
export async function takenTags(where: { readonly repos: string; readonly origin: string }): Promise<string[]> {
  const clone = homeClonePath(where);
  const refs = [
    ...(isPathOrigin(where.origin) ? await refsBelow(where.origin, ...SESSIONS) : []),
    ...(existsSync(clone) ? await refsBelow(clone, ...SESSIONS, SEEN) : []),
  ];
  return [...new Set(refs.flatMap(({ ref }) => /\/autoresearch\/([^/]+)/.exec(ref)?.[1] ?? []))];
}
