// The person's own repo: looked at, never written. (The one exception is asked for: `fetchAutoresearchRefs` brings a
// session's refs, and nothing else, into a plain clone, so that its results can be read there.)
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidInput } from '../domain/invalid-input.ts';
import { git, GitError, oneSentence, withoutPassword } from './git.ts';
import { commitOf, repoName } from './home-clone.ts';

/** A repo that sessions can start from. */
export interface Repo {
  /** Its top-level path, or its URL; the same repo always reads the same. */
  readonly origin: string;
  readonly name: string;
  /** The folder that was named, below the top level ("" for the top level itself, else with a final slash). */
  readonly folder: string;
}

const URL_SCHEMES = ['https:', 'http:', 'ssh:', 'git:'];
/** An answer from a remote takes at most this long before a person at a prompt would give up. */
const REMOTE_TIMEOUT_SECONDS = 60;

/** Whether an origin, as `resolveRepo` gives it, is a path on this machine. */
export const isPathOrigin = (origin: string): boolean => origin.startsWith('/');

/** Checks that a path or URL is a repo with a commit; throws `InvalidInput` with what to do. */
export async function resolveRepo(pathOrUrl: string): Promise<Repo> {
  const isFileUrl = pathOrUrl.startsWith('file://'); // a path all the same, with a person's files in it
  if (!isFileUrl && /^\w[\w.@+-]*:/.test(pathOrUrl) && !(await isFolder(pathOrUrl))) return resolveUrl(pathOrUrl);
  const path = isFileUrl ? pathOfUrl(pathOrUrl) : resolve(pathOrUrl);
  if (!(await isFolder(path))) {
    throw new InvalidInput(`Expected \`repo\` to be a git repo's folder or URL, got ${path}, which is no folder.`);
  }
  const { origin, folder } = await topLevel(path);
  if ((await commitOf(origin, 'HEAD')) === undefined) {
    throw new InvalidInput(
      `Expected \`repo\` to have a commit to start from, got ${origin}, whose current branch has none; commit something there first.`,
    );
  }
  return { origin, name: repoName(origin), folder };
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new InvalidInput(`Expected \`repo\` to be a file URL of this machine, got ${url}; name the folder instead.`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

const ABOVE = { above: true } as const;

async function topLevel(path: string): Promise<{ readonly origin: string; readonly folder: string }> {
  try {
    const bare = await git(path, ['rev-parse', '--is-bare-repository'], ABOVE);
    if (bare === 'true') return { origin: await git(path, ['rev-parse', '--absolute-git-dir'], ABOVE), folder: '' };
    const origin = await git(path, ['rev-parse', '--show-toplevel'], ABOVE);
    return { origin, folder: await git(path, ['rev-parse', '--show-prefix'], ABOVE) };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.exitCode === undefined) throw error; // git itself is missing
    if (error.stderr.includes('not a git repository')) {
      throw new InvalidInput(
        `Expected \`repo\` to be a git repo, got ${path}, which is none; run git init there and commit, or name another folder.`,
      );
    }
    throw new InvalidInput(
      `Expected \`repo\` to be a git repo that git will open, got ${path}: ${oneSentence(error.stderr)}`,
    );
  }
}

async function resolveUrl(url: string): Promise<Repo> {
  const scheme = /^(\w[\w+.-]*:)\/\//.exec(url)?.[1]?.toLowerCase();
  if (url.includes('::') || (scheme !== undefined && !URL_SCHEMES.includes(scheme))) {
    throw new InvalidInput(
      `Expected \`repo\` to be a path or a URL of ${URL_SCHEMES.join(' ')}, or user@host:path, got ${withoutPassword(url)}.`,
    );
  }
  const refs = await git('/', ['ls-remote', '--quiet', '--', url], { timeoutSeconds: REMOTE_TIMEOUT_SECONDS }).catch(
    (error: unknown) => {
      if (!(error instanceof GitError)) throw error;
      throw new InvalidInput(
        `Expected \`repo\` to be a repo within reach, got ${withoutPassword(url)}: ${oneSentence(error.stderr) || error.message}`,
      );
    },
  );
  if (refs !== '') return { origin: url, name: repoName(url), folder: '' };
  throw new InvalidInput(
    `Expected \`repo\` to have a commit to start from, got ${withoutPassword(url)}, which is empty; push something there first.`,
  );
}

/** Paths with changes that no commit has, untracked files among them; a session does not see those. */
export async function uncommittedChanges(repo: string): Promise<readonly string[]> {
  if ((await git(repo, ['rev-parse', '--is-bare-repository'])) === 'true') return [];
  const status = await git(repo, ['status', '--porcelain=v1', '-z', '--no-renames']);
  return status.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
}

/** The branches that are checked out in any work tree of a repo: full ref to folder. */
export async function checkedOutBranches(repo: string): Promise<ReadonlyMap<string, string>> {
  const listing = await git(repo, ['worktree', 'list', '--porcelain', '-z']);
  const branches = new Map<string, string>();
  let folder = '';
  for (const line of listing.split('\0')) {
    if (line.startsWith('worktree ')) folder = line.slice('worktree '.length);
    if (line.startsWith('branch ')) branches.set(line.slice('branch '.length), folder);
  }
  return branches;
}

/**
 * Brings sessions' refs from a plain clone's remote into it: candidates and ledgers, and kept lines as remote
 * branches. Touches no branch, index or file of the person's. Notes, not errors, when the remote is out of reach.
 */
export async function fetchAutoresearchRefs(
  repo: string,
  timeoutSeconds = REMOTE_TIMEOUT_SECONDS,
): Promise<readonly string[]> {
  const remotes = (await git(repo, ['remote'])).split('\n').filter((name) => name !== '');
  const remote = remotes.includes('origin') ? 'origin' : remotes[0];
  if (remote === undefined) return [];
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
  const refspecs = [
    // Of what two of these name the first holds: ledgers only grow, while a candidate may be made anew on another base.
    'refs/autoresearch/*/ledger:refs/autoresearch/*/ledger',
    '+refs/autoresearch/*:refs/autoresearch/*',
    `+refs/heads/autoresearch/*:refs/remotes/${remote}/autoresearch/*`,
  ];
  try {
    await git(repo, ['fetch', ...flags, remote, ...refspecs], { timeoutSeconds });
    return [];
  } catch (error) {
    if (error instanceof GitError) return [`Could not fetch sessions from ${remote}: ${error.message}`];
    throw error;
  }
}
