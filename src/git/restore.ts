import { treeOf } from './tree.ts';
import { writeCommit } from './write-commit.ts';

/** A line to set back. */
export interface RestoreRequest {
  readonly clone: string;
  /** Where the line is. */
  readonly tip: string;
  /** Whose tree the new commit gets. */
  readonly target: string;
  readonly message: string;
  /** ISO time. */
  readonly at: string;
}

/** Makes the commit that sets a line back without rewriting it: on the tip, with what an earlier commit had. Moves no ref. */
export async function restoreCommit({ clone, tip, target, message, at }: RestoreRequest): Promise<string> {
  const tree = await treeOf(clone, target);
  const { commit } = await writeCommit({ clone, parent: tip, tree, files: [], message, at });
  return commit;
}
