import { editablePaths } from '../src/domain/task.ts';
import { listFiles } from '../src/git/tree.ts';
import { hashProtected } from '../src/task-file.ts';
import type { TrialKey } from './contract.ts';

/** So many names say enough. */
const MOST_NAMED = 5;

/**
 * Why a commit cannot be trained or scored, in one sentence: it differs from the session's base in a file that is not
 * editable, the scorer's own perhaps. Null when it does not, as of every candidate that `propose` wrote. What is checked
 * out for a trial is the commit as a whole, so that this makes every protected file in it that of the base.
 */
export async function protectedTrouble(clone: string, { contract, commit }: TrialKey): Promise<string | null> {
  const editable = editablePaths(contract);
  const found = await listFiles(clone, commit);
  if (hashProtected(found, editable) === contract.hash) return null;
  const base = await listFiles(clone, contract.base);
  const key = (entry: (typeof base)[number]): string => `${entry.mode} ${entry.object} ${entry.path}`;
  const [there, wanted] = [new Set(found.map(key)), new Set(base.map(key))];
  const changed = [...base.filter((one) => !there.has(key(one))), ...found.filter((one) => !wanted.has(key(one)))];
  const names = new Set(changed.map(({ path }) => path).filter((path) => !editable.includes(path)));
  return `changes files that are not editable: ${[...names].slice(0, MOST_NAMED).join(', ')}`;
}
