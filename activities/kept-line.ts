import { InvalidInput } from '../src/domain/invalid-input.ts';
import { lineTip } from '../src/domain/kept-line.ts';
import type { Ledger } from '../src/domain/ledger.ts';
import { keptRef } from '../src/domain/names.ts';
import { editablePaths } from '../src/domain/task.ts';
import { GitError } from '../src/git/git.ts';
import { commitOf } from '../src/git/home-clone.ts';
import { findForeignTip, lookAtOrigin } from '../src/git/kept-line.ts';
import { listFiles } from '../src/git/tree.ts';
import { hashProtected, readTask } from '../src/task-file.ts';
import type { Contract } from './contract.ts';
import type { Moved } from '../src/domain/proposed.ts';

/** A session waits for this while it knows of a line that was moved. */
const LOOK_SECONDS = 20;

/** Looks again where a person may have set the line back by now; without an origin to ask, what was seen last stands. */
export async function lookAgain(clone: string, { origin, tag, push }: Contract): Promise<void> {
  if (push === 'none' || (await findForeignTip(clone, tag)) === undefined) return;
  try {
    await lookAtOrigin({ clone, origin, tag, timeoutSeconds: LOOK_SECONDS });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
  }
}

/**
 * Whether the kept line is not at `base`, because somebody else moved it, in the home clone or at the origin. While a keep
 * is being written the home clone's line may look moved for a moment: ask again before you believe it.
 */
export async function findMove(
  clone: string,
  contract: Contract,
  { events, experiments }: Ledger,
  base: string,
): Promise<Moved | undefined> {
  const { tag, push } = contract;
  const [kept, expected] = [await commitOf(clone, keptRef(tag)), lineTip(events, experiments)];
  if (kept === undefined || expected === undefined) return undefined; // `commit` says so
  if (kept !== expected) return movedTo(clone, contract, { expected, found: kept });
  // The session itself is behind its ledger: the server was set back to before a move that was recorded.
  if (base !== expected) return movedTo(clone, contract, { expected: base, found: expected });
  const found = push === 'none' ? undefined : await findForeignTip(clone, tag);
  return found === undefined ? undefined : movedTo(clone, contract, { expected, found });
}

/** A move, and whether the task is still the same there: numbers of another one cannot be compared. */
export async function movedTo(
  clone: string,
  contract: Contract,
  { expected, found }: Pick<Moved, 'expected' | 'found'>,
): Promise<Moved> {
  const moved = { kind: 'moved', expected, found } as const;
  try {
    await readTask(clone, found, contract.taskPath); // there has to be one
    // The files that were frozen, whatever a pattern fits there.
    const entries = await listFiles(clone, found);
    if (hashProtected(entries, editablePaths(contract)) === contract.hash) return moved;
    return { ...moved, problem: 'It changes files that are not editable, so its numbers could not be compared.' };
  } catch (error) {
    if (error instanceof InvalidInput) return { ...moved, problem: error.message };
    throw error;
  }
}
