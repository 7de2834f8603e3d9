// The home clone: a bare clone of the origin in the state directory, and the only repo that sessions write. The origin's
// branches stand under refs/remotes/origin, so that no fetch can move a ref of ours; there is no configured refspec,
// so that a push moves nothing here either.
import { createHash } from 'node:crypto';
import { access, appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InvalidInput } from '../domain/invalid-input.ts';
import { keptRef } from '../domain/names.ts';
import { brokenRefs, lostRef } from './broken-refs.ts';
import { isDamage, needWholeClone } from './damaged-clone.ts';
import { git, GitError, withoutPassword } from './git.ts';
import { withWriter, type Writer } from './writer.ts';

/** Which origin, and the folder that holds all home clones. */
export interface HomeCloneInput {
  readonly repos: string;
  /** As `resolveRepo` names it: the top-level path of a repo, or a URL. */
  readonly origin: string;
  /** A candidate's ref to bring along, of a session that another home opened and still adds to. */
  readonly candidate?: string;
}

// git gc may drop commits that no ref names yet; hooks are the person's; objects reach the disk before the refs that name them.
const SETTINGS = `
[gc]
	auto = 0
[maintenance]
	auto = false
[core]
	hooksPath = /dev/null
	fsync = committed
	autocrlf = false
`;
// What a newer git may be set to otherwise; locks and refs are files here.
const FORMAT = { GIT_DEFAULT_REF_FORMAT: 'files', GIT_DEFAULT_HASH: 'sha1' };
/** The first fetch brings the whole repo, and nobody waits for its lock. */
const FIRST_FETCH_SECONDS = 1800;
/** A later one brings what is new, while other sessions of the repo wait. */
const NEXT_FETCH_SECONDS = 60;
/** A repo's `info/attributes`, above every .gitattributes of its files: a trial's files are the bytes that git has. */
export const ATTRIBUTES = '* -text -eol -ident -filter -working-tree-encoding\n';

/** The folder of an origin's home clone. */
export function homeClonePath({ repos, origin }: Pick<HomeCloneInput, 'repos' | 'origin'>): string {
  const hash = createHash('sha256').update(origin).digest('hex').slice(0, 10);
  return join(resolve(repos), `${repoName(origin)}-${hash}.git`);
}

/** A repo's short name, fit for a folder. */
export function repoName(origin: string): string {
  const name = basename(origin.replace(/\/+$/, '').replaceAll(':', '/')).replace(/\.git$/, '');
  return name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[-.]+/, '') || 'repo';
}

/** The up-to-date home clone of an origin: made when there is none, then fetched. Returns its path; throws `GitError`, `DamagedClone` and `BrokenRef`. */
export async function openHomeClone(input: HomeCloneInput): Promise<string> {
  const clone = homeClonePath(input);
  await withWriter(clone, async ({ lock }) => {
    if (await exists(clone)) {
      await needWholeClone(clone);
      await fetchOrigin({ clone, lock }, input, NEXT_FETCH_SECONDS).catch((error: unknown) => explain(clone, error));
      return;
    }
    const making = `${clone}.making`; // a crash leaves this; the rename is the birth of the clone
    // Tried again, because a fetch that outlived its worker may still write into it; with its folder gone it ends.
    await rm(making, { recursive: true, force: true, maxRetries: 5 });
    await mkdir(making, { recursive: true });
    await git(making, ['init', '--quiet', '--bare', '--template=', '--initial-branch=none'], { env: FORMAT });
    await appendFile(join(making, 'config'), SETTINGS);
    await git(making, ['config', 'autoresearch.origin', withoutPassword(input.origin)]);
    await mkdir(join(making, 'info'), { recursive: true });
    await writeFile(join(making, 'info', 'attributes'), ATTRIBUTES);
    await fetchOrigin({ clone: making, lock }, input, FIRST_FETCH_SECONDS);
    await rename(making, clone);
  });
  return clone;
}

/** Git fetches nothing into a repo with a broken ref, whosever that is, and waiting mends none. */
async function explain(clone: string, error: unknown): Promise<never> {
  const [first] = error instanceof GitError ? await brokenRefs(clone) : [];
  throw first === undefined ? error : await lostRef(clone, first.ref);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What the refs of imported logs begin with: named by their content, so that no fetch can change one. */
export const IMPORTED_REFS = 'refs/autoresearch-imported';
const HEAD_REFSPEC = '+HEAD:refs/remotes/origin/HEAD';

async function fetchOrigin(
  { clone, lock }: Writer,
  { origin, candidate }: HomeCloneInput,
  timeoutSeconds: number,
): Promise<void> {
  // --update-shallow: a CI checkout is shallow, and so is then its home clone.
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--update-shallow', '--no-recurse-submodules'];
  const fetch = (...more: string[]) => git(clone, ['fetch', ...flags, ...more], { timeoutSeconds });
  const refspecs = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  // A remote whose HEAD names no commit may still have branches.
  const missed = await missing(fetch('--prune', origin, HEAD_REFSPEC, ...refspecs));
  if (missed) await fetch('--prune', origin, ...refspecs);
  // Sessions that this clone does not know come along whole; those that it knows are its own and stay as they are. It
  // knows those whose ledger it has: of a session's refs the ledger is the last by name, so the last that a fetch
  // brings, and one that is killed before it leaves a session that is fetched again.
  const own = (await refsBelow(clone, 'refs/autoresearch')).flatMap(({ ref }) => tagOfLedger(ref) ?? []);
  const known = own.map((tag) => `^refs/autoresearch/${tag}/*`);
  await fetch(origin, '+refs/autoresearch/*:refs/autoresearch/*', `+${IMPORTED_REFS}/*:${IMPORTED_REFS}/*`, ...known);
  await adoptKeptLines({ clone, lock });
  if (candidate !== undefined) await missing(fetch(origin, `+${candidate}:${candidate}`));
}

/** Whether a fetch ended because the origin lacks a ref that it named. */
export async function missing(fetching: Promise<unknown>): Promise<boolean> {
  try {
    await fetching;
    return false;
  } catch (error) {
    if (error instanceof GitError && error.stderr.includes("couldn't find remote ref")) return true;
    throw error;
  }
}

/** Sessions that came along get their kept line, also those for which a run that was killed had no time left. */
async function adoptKeptLines({ clone, lock }: Writer): Promise<void> {
  const theirs = 'refs/remotes/origin/autoresearch';
  const refs = await refsBelow(clone, 'refs/autoresearch', 'refs/heads/autoresearch', theirs);
  const commits = new Map(refs.map(({ ref, commit }) => [ref, commit]));
  const orphans = refs.flatMap(({ ref }) => {
    const tag = tagOfLedger(ref);
    const commit = commits.get(`${theirs}/${tag}`);
    if (tag === undefined || commit === undefined || commits.has(keptRef(tag))) return [];
    return [`create ${keptRef(tag)} ${commit}\n`];
  });
  if (orphans.length > 0) await git(clone, ['update-ref', '--stdin'], { input: orphans.join(''), lock });
}

/** The refs that begin with any of these names, with their commits. */
export async function refsBelow(
  clone: string,
  ...names: readonly string[]
): Promise<{ readonly ref: string; readonly commit: string }[]> {
  const listing = await git(clone, ['for-each-ref', '--format=%(refname) %(objectname)', ...names]);
  return listing.split('\n').flatMap((line) => {
    const [ref, commit] = line.split(' ');
    return ref === undefined || commit === undefined ? [] : [{ ref, commit }];
  });
}

const tagOfLedger = (ref: string): string | undefined => /^refs\/autoresearch\/([^/]+)\/ledger$/.exec(ref)?.[1];

/** The commit that a revision names; undefined when it names none. */
export async function commitOf(directory: string, revision: string): Promise<string | undefined> {
  try {
    return await git(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
  } catch (error) {
    if (error instanceof GitError && error.exitCode !== undefined && !isDamage(error)) return undefined;
    throw error;
  }
}

/** The commit of a ref; undefined when there is no such ref. Throws `BrokenRef` for one that names no commit. */
export async function commitOfRef(directory: string, ref: string): Promise<string | undefined> {
  const commit = await commitOf(directory, ref);
  if (commit === undefined && (await brokenRefs(directory, ref)).length > 0) throw await lostRef(directory, ref);
  return commit;
}

/** The commit that a person means by `ref` (a branch, tag or commit of the origin; its HEAD when left out). */
export async function resolveRef(clone: string, ref = 'HEAD'): Promise<string> {
  const bare = ref.replace(/^refs\/(heads\/|remotes\/origin\/)?/, '');
  for (const name of [`refs/remotes/origin/${bare}`, `refs/tags/${ref}`, `refs/heads/${bare}`, ref]) {
    const commit = await commitOf(clone, name);
    if (commit !== undefined) return commit;
  }
  throw new InvalidInput(
    `Expected \`ref\` to be a branch, tag or commit of the repo, got ${JSON.stringify(ref)}; commit or push it there first.`,
  );
}
