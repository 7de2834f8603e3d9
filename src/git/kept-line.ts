// Did somebody else move the kept line? As a rule only we do. A person may, in their repo: to put a change of their own
// on it, or to take one of ours off. What we pushed last is remembered, so that a line that was set back is seen too.
import { keptRef, pushedRef, theirKeptRef } from '../domain/names.ts';
import { git } from './git.ts';
import { commitOf, missing } from './home-clone.ts';
import { readObjects } from './objects.ts';
import { isAncestor, moveRefs } from './refs.ts';
import { withWriter } from './writer.ts';

/** Whose kept line. */
export interface LineInput {
  readonly clone: string;
  readonly origin: string;
  readonly tag: string;
  readonly timeoutSeconds: number;
}

/** Remembers what the origin's kept line is, because we put it there. */
export async function notePushed(clone: string, tag: string, commit: string): Promise<void> {
  await withWriter(clone, async (writer) => {
    const refs = [pushedRef(tag), theirKeptRef(tag)];
    const moves = await Promise.all(refs.map(async (ref) => ({ ref, from: await commitOf(clone, ref), to: commit })));
    await moveRefs(writer, moves);
  });
}

/** Fetches the origin's kept line; `missing` where it has none. Throws `GitError` when it is out of reach. */
export async function lookAtOrigin({ clone, origin, tag, timeoutSeconds }: LineInput): Promise<'there' | 'missing'> {
  return withWriter(clone, async ({ lock }) => {
    const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
    const refspec = `+${keptRef(tag)}:${theirKeptRef(tag)}`;
    if (!(await missing(git(clone, ['fetch', ...flags, origin, refspec], { timeoutSeconds, lock })))) return 'there';
    const input = [pushedRef(tag), theirKeptRef(tag)].map((ref) => `delete ${ref}\n`).join('');
    await git(clone, ['update-ref', '--stdin'], { input, lock });
    return 'missing';
  });
}

/**
 * The commit of the origin's kept line, as last seen, where it is none that we put there. Of a push two refs are noted, one
 * after the other, and between them it looks as if somebody had set the line back: so what is found is looked at once more
 * when nobody writes.
 */
export async function findForeignTip(clone: string, tag: string): Promise<string | undefined> {
  if ((await foreignTip(clone, tag)) === undefined) return undefined;
  return withWriter(clone, () => foreignTip(clone, tag));
}

/** The same for the one that writes. */
export async function foreignTip(clone: string, tag: string): Promise<string | undefined> {
  const refs = [keptRef(tag), theirKeptRef(tag), pushedRef(tag)].map((ref) => `${ref}^{commit}`);
  const [kept, theirs, pushed] = (await readObjects(clone, refs)).map((object) => object?.id);
  if (kept === undefined || theirs === undefined || theirs === kept || theirs === pushed) return undefined;
  if (!(await isAncestor(clone, theirs, kept))) return theirs;
  // On our own line: behind because a push is on its way, or because somebody set it back.
  const isBack = pushed !== undefined && (await isAncestor(clone, theirs, pushed));
  return isBack ? theirs : undefined;
}
