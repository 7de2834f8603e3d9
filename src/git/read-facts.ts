// Everything that `verify` judges, read from a home clone or from any repo that has a session's refs. All refs are read
// at one moment, and all else by SHA: a session that goes on meanwhile cannot look inconsistent. A fixed number of
// processes, however many experiments there are.
import { lineStart } from '../domain/kept-line.ts';
import { readContents, type LedgerFile } from '../domain/ledger-contents.ts';
import { candidateRef, keptRef, ledgerRef } from '../domain/names.ts';
import type { CommitFacts, KeptLine, SessionFacts } from '../domain/session-facts.ts';
import { brokenIn, type Broken } from './broken-refs.ts';
import { git, GitError, gitSaying } from './git.ts';
import { readChain } from './ledger-chain.ts';
import { readObjects, type GitObject } from './objects.ts';
import { isRegular, listFiles } from './tree.ts';

/** What a git directory has of the session with this tag; throws `GitError` where git cannot read what it has. */
export async function readFacts(directory: string, tag: string): Promise<SessionFacts> {
  const [home, { refs, broken }] = await Promise.all([isHomeClone(directory), steadyRefs(directory, tag)]);
  const tip = refs.get(ledgerRef(tag));
  const candidates = candidatesIn(refs, tag);
  const none = { tag, home, ledger: null, candidates, lines: [], commits: new Map() } as const;
  if (tip === undefined) return { ...none, broken };
  const [begun] = await readObjects(directory, [tip]);
  if (begun === undefined)
    return { ...none, broken: [...broken, { ref: ledgerRef(tag), found: `${tip}, which git does not have` }] };
  const [files, chain] = await Promise.all([readLedgerFiles(directory, tip), readChain(directory, tip)]);
  const contents = readContents(files);
  const events = contents.events.map(({ event }) => event);
  const base = lineStart(events)?.commit;
  const rollbacks = events.flatMap((event) =>
    event.kind === 'moved' && event.restores !== undefined ? [event.to, event.restores.commit] : [],
  );
  const named = [...contents.records.map(({ candidate }) => candidate), base, ...rollbacks, ...candidates.values()];
  const commits = await readCommits(directory, named);
  const since = base !== undefined && commits.has(base) ? base : undefined;
  const lines = await readLines(directory, linesIn(refs, tag, home), since);
  const more = lines.flatMap((line) => line.commits).filter((commit) => !commits.has(commit));
  for (const [commit, facts] of await readCommits(directory, more)) commits.set(commit, facts);
  return { tag, home, ledger: { contents, chain }, candidates, lines, commits, broken };
}

/** A home clone knows whose it is. */
async function isHomeClone(directory: string): Promise<boolean> {
  try {
    await git(directory, ['config', '--local', 'autoresearch.origin']);
    return true;
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return false;
    throw error;
  }
}

type Refs = ReadonlyMap<string, string>;

/** A session that moves its refs this often between two looks is looked at as it is. */
const LOOKS = 20;

/** The session's refs as they stood at one moment: read until two looks agree, because git moves them one by one. */
async function steadyRefs(
  directory: string,
  tag: string,
): Promise<{ readonly refs: Refs; readonly broken: readonly Broken[] }> {
  const patterns = [`refs/autoresearch/${tag}`, keptRef(tag), `refs/remotes/*/autoresearch/${tag}`];
  const look = () => gitSaying(directory, ['for-each-ref', '--format=%(refname) %(objectname)', ...patterns]);
  let seen = await look();
  for (let looks = 1; looks < LOOKS; looks++) {
    const again = await look();
    if (again.text === seen.text && again.warnings === seen.warnings) break;
    seen = again;
  }
  const refs = new Map(
    seen.text.split('\n').flatMap((line) => {
      const [ref, commit] = line.split(' ');
      return ref === undefined || commit === undefined ? [] : [[ref, commit] as const];
    }),
  );
  const isOurs = ({ ref }: Broken) => ref === keptRef(tag) || ref.startsWith(ledgerRef(tag).replace(/ledger$/, ''));
  return { refs, broken: brokenIn(seen.warnings).filter(isOurs) };
}

function candidatesIn(refs: Refs, tag: string): ReadonlyMap<number, string> {
  const prefix = candidateRef(tag, 0).slice(0, -1);
  return new Map(
    [...refs].flatMap(([ref, commit]) => {
      const number = ref.startsWith(prefix) ? ref.slice(prefix.length) : '';
      return /^[1-9]\d*$/.test(number) ? [[Number(number), commit] as const] : [];
    }),
  );
}

/** A home clone has one kept line; what it knows of the origin's copy may be older. */
function linesIn(refs: Refs, tag: string, home: boolean): readonly { readonly ref: string; readonly tip: string }[] {
  const isLine = (ref: string) => ref === keptRef(tag) || (!home && ref.startsWith('refs/remotes/'));
  return [...refs].flatMap(([ref, tip]) => (isLine(ref) ? [{ ref, tip }] : []));
}

async function readLines(
  directory: string,
  lines: readonly { readonly ref: string; readonly tip: string }[],
  since: string | undefined,
): Promise<readonly KeptLine[]> {
  return Promise.all(
    lines.map(async ({ ref, tip }) => {
      const listing = since === undefined ? '' : await git(directory, ['rev-list', '--topo-order', tip, `^${since}`]);
      return { ref, tip, commits: listing.split('\n').filter((commit) => commit !== '') };
    }),
  );
}

async function readLedgerFiles(directory: string, tip: string): Promise<LedgerFile[]> {
  const entries = await listFiles(directory, tip);
  const objects = await readObjects(
    directory,
    entries.map((entry) => entry.object),
  );
  return entries.map((entry, k): LedgerFile => {
    const { path } = entry;
    const object = objects[k];
    if (!isRegular(entry)) return { path, problem: `no regular file (mode ${entry.mode})` };
    if (object === undefined) return { path, problem: 'an object that git does not have, or cannot read' };
    const text = utf8(object);
    return text === undefined ? { path, problem: 'bytes that are no UTF-8 text' } : { path, text };
  });
}

function utf8(object: GitObject): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(object.bytes);
  } catch {
    return undefined;
  }
}

/** The names among these that are commits here. Records may hold anything, so only what looks like a SHA is asked for. */
async function readCommits(
  directory: string,
  names: readonly (string | null | undefined)[],
): Promise<Map<string, CommitFacts>> {
  const wanted = [...new Set(names.flatMap((name) => (name != null && /^[0-9a-f]{40,64}$/.test(name) ? [name] : [])))];
  const objects = await readObjects(directory, wanted);
  return new Map(
    objects.flatMap((object) => (object?.type === 'commit' ? [[object.id, commitFacts(object)] as const] : [])),
  );
}

function commitFacts(object: GitObject): CommitFacts {
  const [header = ''] = Buffer.from(object.bytes).toString('latin1').split('\n\n', 1);
  const values = (key: string) =>
    header.split('\n').flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  return { tree: values('tree')[0] ?? '', parents: values('parent') };
}
