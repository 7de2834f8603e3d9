// Removing a session's refs for good: from its origin first, then from the home clone, because the home clone is where
// a person finds the session again when a first try was cut short.
import { keptBranch, keptRef, pushedRef, theirKeptRef } from '../domain/names.ts';
import { git, withoutPassword } from './git.ts';
import { forgetPush } from './to-push.ts';
import { checkedOutBranches, isPathOrigin } from './user-repo.ts';
import { withWriter } from './writer.ts';

const REMOTE_SECONDS = 60;

/** Whose refs to remove. */
export interface ForgetInput {
  readonly clone: string;
  readonly origin: string;
  readonly tag: string;
}

const patterns = (tag: string): string[] => [keptRef(tag), `refs/autoresearch/${tag}/*`];

/**
 * Removes the kept line, candidates and ledger from the origin. Returns a sentence for what had to stay: a branch that is
 * checked out somewhere. Throws `GitError` when the origin is out of reach or refuses. Nothing to remove is no error.
 */
export async function forgetAtOrigin({ clone, origin, tag }: ForgetInput): Promise<readonly string[]> {
  const listing = await git(clone, ['ls-remote', '--quiet', '--refs', '--', origin, ...patterns(tag)], {
    timeoutSeconds: REMOTE_SECONDS,
  });
  const refs = listing.split('\n').flatMap((line) => line.split('\t')[1] ?? []);
  const folder = isPathOrigin(origin) ? (await checkedOutBranches(origin)).get(keptRef(tag)) : undefined;
  const doomed = refs.filter((ref) => ref !== keptRef(tag) || folder === undefined);
  if (doomed.length > 0) {
    const deletions = doomed.map((ref) => `:${ref}`);
    await git(clone, ['push', '--quiet', '--no-verify', '--', origin, ...deletions], {
      timeoutSeconds: REMOTE_SECONDS,
    });
  }
  return folder === undefined || !refs.includes(keptRef(tag))
    ? []
    : [`${keptBranch(tag)} stays in ${withoutPassword(origin)}: it is checked out in ${folder}.`];
}

/** Removes the same refs from the home clone, all in one transaction, and the push that may still wait. */
export async function forgetInClone({ clone, tag }: ForgetInput): Promise<void> {
  forgetPush(clone, tag); // first: a worker that starts now would have nothing left to push
  await withWriter(clone, async ({ lock }) => {
    const listing = await git(clone, [
      'for-each-ref',
      '--format=%(refname)',
      keptRef(tag),
      pushedRef(tag),
      theirKeptRef(tag),
      `refs/autoresearch/${tag}/`,
    ]);
    const refs = listing.split('\n').filter((ref) => ref !== '');
    if (refs.length === 0) return;
    const input = ['start', ...refs.map((ref) => `delete ${ref}`), 'prepare', 'commit', ''].join('\n');
    await git(clone, ['update-ref', '--stdin'], { input, lock });
  });
}
