// Removing a session's refs for good: from its origin first, then from the home clone, because the home clone is where
// a person finds the session again when a first try was cut short.
import { keptBranch, keptRef, pushedRef, theirKeptRef } from '../domain/names.ts';
import { git, GitError, withoutPassword } from './git.ts';
import { commitOf } from './home-clone.ts';
import { isAncestor } from './refs.ts';
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
 * checked out somewhere, or that has commits of somebody else. Throws `GitError` when the origin is out of reach or
 * refuses. Nothing to remove is no error.
 */
export async function forgetAtOrigin(input: ForgetInput): Promise<readonly string[]> {
  const { clone, origin, tag } = input;
  const listing = await git(clone, ['ls-remote', '--quiet', '--refs', '--', origin, ...patterns(tag)], {
    timeoutSeconds: REMOTE_SECONDS,
  });
  const there = listing.split('\n').map((line) => line.split('\t'));
  const tip = there.find(([, ref]) => ref === keptRef(tag))?.[0];
  const notes = tip === undefined ? [] : await forgetLine(input, tip);
  const doomed = there.flatMap(([, ref]) => (ref === undefined || ref === keptRef(tag) ? [] : [ref]));
  if (doomed.length > 0) await deleteThere(input, doomed);
  return notes;
}

/** The kept line, unless it is in use, or somebody has put commits on it that this session has not taken in. */
async function forgetLine(input: ForgetInput, tip: string): Promise<readonly string[]> {
  const { clone, origin, tag } = input;
  const stays = `${keptBranch(tag)} stays in ${withoutPassword(origin)}:`;
  const folder = isPathOrigin(origin) ? (await checkedOutBranches(origin)).get(keptRef(tag)) : undefined;
  if (folder !== undefined) return [`${stays} it is checked out in ${folder}.`];
  const strange = [`${stays} it has commits of somebody else, up to ${tip}.`];
  if (!(await isOurs(clone, tag, tip))) return strange;
  try {
    await deleteThere(input, [keptRef(tag)], [`--force-with-lease=${keptRef(tag)}:${tip}`]);
    return [];
  } catch (error) {
    if (error instanceof GitError && /stale info/.test(error.stderr)) return strange; // moved since we looked
    throw error;
  }
}

/** Whether nothing is lost that is not of this session: we pushed that commit, or it lies on the line that we have. */
async function isOurs(clone: string, tag: string, tip: string): Promise<boolean> {
  if ((await commitOf(clone, pushedRef(tag))) === tip) return true;
  const [line, here] = await Promise.all([commitOf(clone, keptRef(tag)), commitOf(clone, tip)]);
  return line !== undefined && here !== undefined && isAncestor(clone, tip, line);
}

async function deleteThere(
  { clone, origin }: ForgetInput,
  refs: readonly string[],
  flags: readonly string[] = [],
): Promise<void> {
  const deletions = refs.map((ref) => `:${ref}`);
  await git(clone, ['push', '--quiet', '--no-verify', ...flags, '--', origin, ...deletions], {
    timeoutSeconds: REMOTE_SECONDS,
  });
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
