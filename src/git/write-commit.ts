// A commit from a parent and a few changed files, in one process (fast-import), as a pure function of its input: who,
// when and what are all given, so a second run makes the same SHA. No ref moves and no index is used.
import { git, IDENTITY } from './git.ts';

/** A commit to write. */
export interface CommitInput {
  readonly clone: string;
  /** The commit that it changes; undefined for a first commit. */
  readonly parent?: string | undefined;
  /** Further parents, of which it takes no file. */
  readonly merges?: readonly string[];
  /** A tree to begin with instead of the parent's. */
  readonly tree?: string;
  readonly files: readonly { readonly path: string; readonly mode: FileMode; readonly text: string }[];
  readonly message: string;
  /** ISO time of author and committer; git keeps whole seconds. */
  readonly at: string;
  readonly lock?: number;
}

/** The modes of a regular file. */
export type FileMode = '100644' | '100755';

/** A commit and its tree. */
export interface Written {
  readonly commit: string;
  readonly tree: string;
}

// fast-import wants a branch name for its commit; emptied again before the end, the branch is never made.
const SCRATCH = 'refs/scratch/commit';

/** Writes a commit object (and its trees and blobs) that no ref points at yet. */
export async function writeCommit({
  clone,
  parent,
  merges = [],
  tree: first,
  files,
  message,
  at,
  lock,
}: CommitInput): Promise<Written> {
  const person = `${IDENTITY.name} <${IDENTITY.email}> ${epochSeconds(at)} +0000`;
  const stream = [
    `commit ${SCRATCH}\nmark :1\nauthor ${person}\ncommitter ${person}\n${data(message)}`,
    parent === undefined ? '' : `from ${parent}\n`,
    ...merges.map((commit) => `merge ${commit}\n`),
    first === undefined ? '' : `M 040000 ${first} ""\n`,
    ...files.map((file) => `M ${file.mode} inline ${quote(file.path)}\n${data(file.text)}`),
    `get-mark :1\nls :1 ""\nreset ${SCRATCH}\n\ndone\n`,
  ].join('');
  const args = ['fast-import', '--quiet', '--done'];
  const answer = await git(clone, args, { input: stream, ...(lock === undefined ? {} : { lock }) });
  const [, commit, tree] = /^([0-9a-f]+)\n040000 tree ([0-9a-f]+)\t/.exec(answer) ?? [];
  if (commit === undefined || tree === undefined) {
    throw new Error(`Expected git fast-import to name a commit and its tree, got ${JSON.stringify(answer)}.`);
  }
  return { commit, tree };
}

function epochSeconds(at: string): number {
  const milliseconds = Date.parse(at);
  if (Number.isNaN(milliseconds)) throw new Error(`Expected a commit's time to be an ISO time, got ${at}.`);
  return Math.floor(milliseconds / 1000);
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** fast-import's C-style quoting, so that any path can be written. */
const quote = (path: string): string =>
  `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** A path in a tree: relative, and not a way out of it or into git's own folder; throws for another. */
export function checkPath(path: string): string {
  const bad = path.split('/').some((part) => ['', '.', '..'].includes(part) || part.toLowerCase() === '.git');
  if (bad || path.includes('\0')) throw new Error(`Expected a file's path to stay in the tree, got ${path}.`);
  return path;
}
