// Sending a session's refs to the origin, after the fact: a push that is refused, or an origin out of reach, is a note
// and is tried again later; it stops nothing. Nothing is forced but a candidate of ours that was made anew on another
// base. And a person's files are safe: a branch that is checked out in a work tree of a path origin is never pushed,
// because the origin may be set to rewrite its files.
import { keptBranch, keptRef, ledgerRef } from '../domain/names.ts';
import { git, GitError, oneSentence, withoutPassword } from './git.ts';
import { checkedOutBranches, isPathOrigin } from './user-repo.ts';

/** What to push where. */
export interface PushInput {
  readonly clone: string;
  readonly origin: string;
  readonly tag: string;
  /** `kept`: the kept line alone; `all`: candidates and the ledger too. */
  readonly what: 'all' | 'kept' | 'none';
  readonly timeoutSeconds: number;
}

/** The refs that this push moved at the origin, and one sentence for each thing that did not go. */
export interface Pushed {
  readonly pushed: readonly string[];
  readonly notes: readonly string[];
}

/** Pushes a session's refs; never throws for what the origin does. */
export async function pushRefs(input: PushInput): Promise<Pushed> {
  const { clone, tag, what } = input;
  const here = await git(clone, ['for-each-ref', '--count=1', keptRef(tag), sessionRefs(tag)]);
  if (what === 'none' || here === '') return { pushed: [], notes: [] }; // a session may be forgotten meanwhile
  const checkedOut = await whereCheckedOut(input);
  const refspecs = [
    ...(checkedOut === undefined ? [`${keptRef(tag)}:${keptRef(tag)}`] : []),
    ...(what === 'all' ? [`${sessionRefs(tag)}*:${sessionRefs(tag)}*`] : []),
  ];
  const notes = checkedOut === undefined ? [] : [checkedOut];
  if (refspecs.length === 0) return { pushed: [], notes };
  const first = await push(input, refspecs);
  const old = oldCandidates(tag, first);
  const forced = old.map((ref) => `+${ref}:${ref}`);
  const second = forced.length === 0 ? NOTHING : await push(input, forced);
  const refused = first.refused.filter(({ ref }) => !old.includes(ref));
  return {
    pushed: [...first.pushed, ...second.pushed],
    notes: [...notes, ...[...refused, ...second.refused].map(inWords), ...first.failed, ...second.failed],
  };
}

/** How one push ended; `failed` says why nothing at all went. */
interface Report {
  readonly pushed: readonly string[];
  readonly refused: readonly { readonly ref: string; readonly why: string }[];
  readonly failed: readonly string[];
}

const NOTHING: Report = { pushed: [], refused: [], failed: [] };

async function push({ clone, origin, timeoutSeconds }: PushInput, refspecs: readonly string[]): Promise<Report> {
  const flags = ['--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no'];
  const args = ['push', ...flags, ...receiveSafely(origin), origin, ...refspecs];
  try {
    return readReport(await git(clone, args, { timeoutSeconds }));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const report = readReport(error.stdout, remoteWords(error.stderr));
    const failed = `Could not push to ${withoutPassword(origin)}: ${error.message}`;
    return report.refused.length === 0 ? { ...report, failed: [failed] } : report;
  }
}

/**
 * Candidates that were pushed before the incumbent moved and then applied to the new one: their refs have to move
 * sideways. Ours beyond doubt: we have the old commit, and the ledger beside it continues in ours.
 */
function oldCandidates(tag: string, { refused }: Report): readonly string[] {
  if (refused.some(({ ref }) => ref === ledgerRef(tag))) return [];
  return refused
    .filter(({ ref, why }) => ref.startsWith(sessionRefs(tag)) && why.includes('non-fast-forward'))
    .map(({ ref }) => ref);
}

/** Between our look at the work trees and the push a person may check the branch out: then the origin itself refuses. */
function receiveSafely(origin: string): readonly string[] {
  const settings = '-c receive.denyCurrentBranch=refuse -c receive.autogc=false';
  return isPathOrigin(origin) ? [`--receive-pack=git ${settings} receive-pack`] : [];
}

async function whereCheckedOut({ origin, tag }: PushInput): Promise<string | undefined> {
  if (!isPathOrigin(origin)) return undefined;
  const branch = keptBranch(tag);
  try {
    const folder = (await checkedOutBranches(origin)).get(keptRef(tag));
    if (folder === undefined) return undefined;
    return `Did not push ${branch}: it is checked out in ${folder}; check out another branch there and it will follow.`;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return `Did not push ${branch}: cannot see what is checked out in ${origin}: ${oneSentence(error.stderr) || error.message}`;
  }
}

// `<flag> TAB <from>:<to> TAB <summary>`; flags: space moved, `+` forced, `*` new, `=` was there, `!` refused.
function readReport(stdout: string, words = ''): Report {
  const lines = stdout.split('\n').flatMap((line) => {
    const [, flag, ref, why] = /^(.)\t[^\t]*:([^\t]+)\t(.*)$/.exec(line) ?? [];
    return flag === undefined || ref === undefined ? [] : [{ flag, ref, why: why ?? '' }];
  });
  return {
    pushed: lines.filter(({ flag }) => ' +*'.includes(flag)).map(({ ref }) => ref),
    refused: lines
      .filter(({ flag }) => flag === '!')
      .map(({ ref, why }) => ({ ref, why: why.startsWith('[remote') && words !== '' ? `${why}: ${words}` : why })),
    failed: [],
  };
}

/** What the origin itself said: its hook's words, or which file of its own is in its way. */
function remoteWords(stderr: string): string {
  return oneSentence(
    stderr
      .split('\n')
      .filter((line) => line.startsWith('remote: '))
      .join('\n'),
  );
}

const inWords = ({ ref, why }: Report['refused'][number]): string => `The origin refused ${ref}: ${why}.`;

/** What candidates and the ledger begin with. */
const sessionRefs = (tag: string): string => `refs/autoresearch/${tag}/`;
