// Moving refs: several at once, all or none, each only from where we saw it. A kill in the middle of git's own renames
// can still leave some moved; callers therefore ask for the state first and finish what a first run began.
import { brokenRefs, lostRef } from './broken-refs.ts';
import { git, GitError } from './git.ts';
import { commitOf } from './home-clone.ts';
import type { Writer } from './writer.ts';

/** One ref to move: from what we saw (undefined: it was not there) to its new commit. Equal ends change nothing. */
export interface RefMove {
  readonly ref: string;
  readonly from: string | undefined;
  readonly to: string;
}

/**
 * Moves all refs in one transaction, in the order given. Answers `raced` when one of them is not where we saw it
 * any more, so that the caller looks again; any other failure is thrown, a broken ref as `BrokenRef`.
 */
export async function moveRefs({ clone, lock }: Writer, moves: readonly RefMove[]): Promise<'moved' | 'raced'> {
  const changes = moves.filter(({ from, to }) => from !== to);
  if (changes.length === 0) return 'moved';
  const lines = changes.map(({ ref, from, to }) =>
    from === undefined ? `create ${ref} ${to}` : `update ${ref} ${to} ${from}`,
  );
  const input = ['start', ...lines, 'prepare', 'commit', ''].join('\n');
  try {
    await git(clone, ['update-ref', '--stdin'], { input, lock });
    return 'moved';
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const found = await Promise.all(changes.map(({ ref }) => commitOf(clone, ref)));
    if (changes.some(({ from }, index) => found[index] !== from)) return 'raced';
    const [broken] = await brokenRefs(clone, ...changes.map(({ ref }) => ref));
    throw broken === undefined ? error : await lostRef(clone, broken.ref);
  }
}

/** Whether `ancestor` is `commit` or lies behind it. */
export async function isAncestor(directory: string, ancestor: string, commit: string): Promise<boolean> {
  try {
    await git(directory, ['merge-base', '--is-ancestor', ancestor, commit]);
    return true;
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return false;
    throw error;
  }
}
