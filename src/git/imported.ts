// Logs that a person imported, in git like everything that must outlive a machine: each under a ref named by its content,
// in the home clone and at the origin. Beside sessions, not in one: every session of the repo reads them, also one that
// is running. The log's commits that the repo still has are parents of the log's own, so that they come along wherever
// it goes: those of discarded ideas hang on no branch, and git would drop them one day.
import { createHash } from 'node:crypto';
import { priorLogSchema, type PriorExperiment, type PriorLog } from '../domain/prior.ts';
import { withoutPassword, git, GitError } from './git.ts';
import { IMPORTED_REFS, refsBelow } from './home-clone.ts';
import { readObjects, textOf, type GitObject } from './objects.ts';
import { moveRefs } from './refs.ts';
import { isPathOrigin } from './user-repo.ts';
import { writeCommit } from './write-commit.ts';
import { withWriter, type Writer } from './writer.ts';

const LOG = 'log.json';
/** A push that takes longer is given up. */
const PUSH_SECONDS = 60;

/** A log in a home clone. */
export interface ImportedLog {
  readonly ref: string;
  readonly log: PriorLog;
  /** The commits of it that the clone has, in full. */
  readonly commits: readonly string[];
}

/** What to import; `at` is an ISO time. */
export interface ImportInput {
  readonly clone: string;
  readonly origin: string;
  readonly log: PriorLog;
  readonly at: string;
}

/** Keeps a log in a home clone; a second run finds what the first one wrote. */
export async function importLog(input: ImportInput): Promise<ImportedLog & { readonly isNew: boolean }> {
  const { clone, log, at } = input;
  const text = textFor(log);
  const ref = refOf(log);
  return withWriter(clone, async (writer) => {
    const [before] = await readImported(clone, ref);
    if (before !== undefined) return { ...before, isNew: false };
    const commits = await bringCommits(writer, input);
    const files = [{ path: LOG, mode: '100644', text }] as const;
    const message = `import ${log.format}\n`;
    const { commit } = await writeCommit({ clone, lock: writer.lock, merges: commits, files, message, at });
    const moved = await moveRefs(writer, [{ ref, from: undefined, to: commit }]);
    if (moved === 'raced') throw new Error(`Expected ${ref} to hold still, but someone moved it; import again.`);
    return { ref, log, commits, isNew: true };
  });
}

const textFor = (log: PriorLog): string => `${JSON.stringify(log)}\n`;
const refOf = (log: PriorLog): string =>
  `${IMPORTED_REFS}/${createHash('sha256').update(textFor(log)).digest('hex').slice(0, 16)}`;

/** Takes an import back, at the origin first: from there it would come again. Answers whether there was one; throws `GitError`. */
export async function dropImported(clone: string, origin: string, log: PriorLog): Promise<boolean> {
  const ref = refOf(log);
  const timeoutSeconds = PUSH_SECONDS;
  const there = (await git(clone, ['ls-remote', '--quiet', origin, ref], { timeoutSeconds })) !== '';
  if (there) await git(clone, ['push', '--quiet', '--no-verify', origin, `:${ref}`], { timeoutSeconds });
  return withWriter(clone, async ({ lock }) => {
    const here = (await refsBelow(clone, ref)).length > 0;
    if (here) await git(clone, ['update-ref', '-d', ref], { lock });
    return here || there;
  });
}

/** The logs of a home clone, or that of one ref. One that cannot be read is left out: it is hearsay, and must stop no session. */
export async function readImported(clone: string, ref = IMPORTED_REFS): Promise<readonly ImportedLog[]> {
  const stored = await storedBelow(clone, ref);
  const blobs = await readObjects(
    clone,
    stored.map((one) => `${one.ref}:${LOG}`),
  );
  return stored.flatMap((one, k) => {
    const blob = blobs[k];
    const log = blob?.type === 'blob' ? logIn(blob) : undefined;
    return log === undefined ? [] : [{ ...one, log }];
  });
}

/** What is there without what it says: a long log takes longer to read than the rest of a proposal. */
async function storedBelow(clone: string, name: string): Promise<readonly Omit<ImportedLog, 'log'>[]> {
  const refs = await refsBelow(clone, name);
  const commits = await readObjects(
    clone,
    refs.map(({ commit }) => commit),
  );
  return refs.map(({ ref }, k) => {
    const object = commits[k];
    const text = object?.type === 'commit' ? Buffer.from(object.bytes).toString('latin1') : '';
    const [header = ''] = text.split('\n\n');
    return { ref, commits: [...header.matchAll(/^parent ([0-9a-f]+)$/gm)].flatMap(([, parent]) => parent ?? []) };
  });
}

function logIn(blob: GitObject): PriorLog | undefined {
  try {
    return priorLogSchema.safeParse(JSON.parse(textOf(blob, LOG))).data;
  } catch {
    return undefined;
  }
}

/** The experiment of a log that has this commit. */
function experimentAt({ log }: ImportedLog, commit: string): PriorExperiment | undefined {
  const experiments = log.segments.flatMap((segment) => segment.experiments);
  return experiments.findLast((one) => one.commit !== null && commit.startsWith(one.commit));
}

/** The commits of a log that the repo has, fetched into the clone where it lacks them. */
async function bringCommits({ clone, lock }: Writer, { origin, log }: ImportInput): Promise<readonly string[]> {
  const named = log.segments.flatMap(({ experiments }) => experiments.flatMap(({ commit }) => commit ?? []));
  const names = [...new Set(named)];
  const there = await resolveCommits(isPathOrigin(origin) ? origin : clone, names);
  const here = new Set(await resolveCommits(clone, there));
  const wanted = there.filter((commit) => !here.has(commit));
  if (wanted.length === 0) return there;
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--update-shallow', '--no-recurse-submodules'];
  // The second protocol gives what hangs on no branch, too.
  const args = ['-c', 'protocol.version=2', 'fetch', ...flags, '--stdin', origin];
  try {
    await git(clone, args, { input: wanted.map((commit) => `${commit}\n`).join(''), lock });
    return there;
  } catch (error) {
    if (error instanceof GitError) return there.filter((commit) => here.has(commit)); // a server may refuse those
    throw error;
  }
}

/** The full names of what are commits, each once; names that name none, or several, are left out. */
async function resolveCommits(directory: string, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const input = names.map((name) => `${name}^{commit}\n`).join('');
  const answer = await git(directory, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], { input });
  return [...new Set([...answer.matchAll(/^([0-9a-f]{40,64}) commit$/gm)].flatMap(([, commit]) => commit ?? []))];
}

/** The imported experiment whose commit has the same files at these paths as a candidate; undefined where there is none. */
export async function importedTwin(
  clone: string,
  candidate: string,
  paths: readonly string[],
): Promise<PriorExperiment | undefined> {
  const stored = await storedBelow(clone, IMPORTED_REFS);
  const commits = stored.flatMap(({ ref, commits: those }) => those.map((commit) => ({ commit, ref })));
  if (commits.length === 0) return undefined;
  const [own = '', ...theirs] = await filesOf(clone, [candidate, ...commits.map(({ commit }) => commit)], paths);
  const found = commits[theirs.indexOf(own)];
  if (found === undefined) return undefined;
  const [imported] = await readImported(clone, found.ref);
  return imported && experimentAt(imported, found.commit);
}

/** The files' contents at each commit as one text: equal texts, equal files. */
async function filesOf(
  clone: string,
  commits: readonly string[],
  paths: readonly string[],
): Promise<readonly string[]> {
  const input = commits.flatMap((commit) => paths.map((path) => `${commit}:${path}\0`)).join('');
  const answer = await git(clone, ['cat-file', '-z', '--batch-check=%(objectname)'], { input });
  const objects = answer.split('\n').map((line) => (/^[0-9a-f]+$/.test(line) ? line : 'none'));
  return commits.map((_commit, k) => objects.slice(k * paths.length, (k + 1) * paths.length).join(' '));
}

/** Brings an imported log to the origin; answers a sentence where it does not go there. */
export async function pushImported(clone: string, origin: string, { ref }: ImportedLog): Promise<string | undefined> {
  const args = [
    'push',
    '--quiet',
    '--no-verify',
    '--no-follow-tags',
    '--recurse-submodules=no',
    origin,
    `${ref}:${ref}`,
  ];
  try {
    await git(clone, args, { timeoutSeconds: PUSH_SECONDS });
    return undefined;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return `Could not push it to ${withoutPassword(origin)}, so that this machine alone has it; import it again later: ${error.message}`;
  }
}
