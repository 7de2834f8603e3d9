// A home clone that is no repo any more: a disk or a person damaged it. What it held may still be there to be restored,
// so nothing of ours writes into it, or begins another in its place.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { git, GitError, oneSentence } from './git.ts';

/** Thrown when git does not take a home clone for one; the text names its folder and what to do. */
export class DamagedClone extends Error {
  override readonly name = 'DamagedClone';

  constructor(clone: string, cause: Error) {
    const found = cause instanceof GitError ? oneSentence(cause.stderr) || cause.message : cause.message;
    super(
      `Expected ${clone} to be the home clone that sessions were kept in, got a damaged one (${found}). Restore it and resume; or move it away, and each session goes on from what its origin has: \`npx autoresearch start --continue-from <session>\`.`,
      { cause },
    );
  }
}

/** Throws `DamagedClone` unless a folder is a bare repo itself. */
export async function needWholeClone(clone: string): Promise<void> {
  const found = await git(clone, ['rev-parse', '--git-dir']).catch((error: unknown) => {
    throw isDamage(error) ? new DamagedClone(clone, error) : error;
  });
  if (found !== '.') throw new DamagedClone(clone, new Error(`its repo is ${found}`));
}

/** Whether git failed because of the very folder that it ran in. */
export const isDamage = (error: unknown): error is GitError =>
  error instanceof GitError && /not a git repository|bad config|bad numeric config/.test(error.stderr);

/** The tags of the sessions in a clone that git does not read, by the names of its files. */
export function tagsInFiles(clone: string): readonly string[] {
  const packed = linesOf(join(clone, 'packed-refs')).flatMap(
    (line) => / refs\/autoresearch\/([^/]+)\//.exec(line)?.[1] ?? [],
  );
  return [...new Set([...namesIn(join(clone, 'refs', 'autoresearch')), ...packed])];
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return []; // what is damaged may lack anything
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
