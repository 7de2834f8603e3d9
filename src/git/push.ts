// Sending a session's refs to the origin, after the fact: a push that is refused, or an origin out of reach, is a note
// and is tried again later; it stops nothing. Nothing is forced but a candidate of ours that was made anew on another
// base. The kept line moves there by compare-and-swap, from what we pushed last: where somebody else moved it, it stays.
// And a person's files are safe: a branch that is checked out in a work tree of a path origin is never pushed, because
// the origin may be set to rewrite its files.
import { keptBranch, keptRef, ledgerRef, pushedRef, theirKeptRef } from '../domain/names.ts';
import { git, GitError, oneSentence, withoutPassword } from './git.ts';
import { commitOf } from './home-clone.ts';
import { findForeignTip, lookAtOrigin, notePushed } from './kept-line.ts';
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
  if (what === 'none' || here === '') return NOTHING_PUSHED; // a session may be forgotten meanwhile
  const line = await lineToPush(input);
  const first = await push(input, what === 'all' ? [sessionRefspec(tag)] : [], line);
  const lost = first.refused.some(isLostRace(tag));
  const again = lost ? await pushLineAgain(input) : NOTHING_PUSHED;
  const old = oldCandidates(tag, first);
  const forced = old.map((ref) => `+${ref}:${ref}`);
  const second = await push(input, forced);
  const refused = first.refused.filter((one) => !old.includes(one.ref) && !isLostRace(tag)(one));
  return {
    pushed: [...first.pushed, ...again.pushed, ...second.pushed],
    notes: [
      ...line.notes,
      ...again.notes,
      ...[...refused, ...second.refused].map(inWords),
      ...first.failed,
      ...second.failed,
    ],
  };
}

/** The kept line on its way: nothing to push where it is checked out, which `notes` then says. */
interface LineToPush {
  /** The commit, pinned: the line may go on while this push is under way. */
  readonly commit?: string;
  /** What we pushed last: the origin moves the line from there alone. Undefined before the first push. */
  readonly from?: string | undefined;
  readonly notes: readonly string[];
}

async function lineToPush(input: PushInput): Promise<LineToPush> {
  const { clone, tag } = input;
  const checkedOut = await whereCheckedOut(input);
  if (checkedOut !== undefined) {
    const strange = await strangeMove(input).catch(inOneNote);
    return { notes: strange === undefined ? [checkedOut] : [checkedOut, strange] };
  }
  const [commit, from] = await Promise.all([commitOf(clone, keptRef(tag)), commitOf(clone, pushedRef(tag))]);
  return commit === undefined ? { notes: [] } : { commit, from, notes: [] };
}

/** The origin's line is not where we left it. Where that was our own doing after all, the push is repeated. */
async function pushLineAgain(input: PushInput): Promise<Pushed> {
  const strange = await strangeMove(input).catch(inOneNote);
  if (strange !== undefined) return { pushed: [], notes: [strange] };
  const { pushed, refused, failed } = await push(input, [], await lineToPush(input));
  return { pushed, notes: [...refused.map(inWords), ...failed] };
}

const isLostRace =
  (tag: string) =>
  ({ ref, why }: Report['refused'][number]): boolean =>
    ref === keptRef(tag) && /stale info|non-fast-forward|fetch first/.test(why);

/** Looks at the origin's kept line; a sentence where somebody else moved it. What is ours there is noted as pushed. */
async function strangeMove(input: PushInput): Promise<string | undefined> {
  const { clone, tag } = input;
  if ((await lookAtOrigin(input)) === 'missing') return undefined; // deleted there: pushed anew
  const [found, expected] = await Promise.all([findForeignTip(clone, tag), commitOf(clone, keptRef(tag))]);
  if (found !== undefined)
    return `Somebody moved ${keptBranch(tag)} at the origin: expected ${expected ?? 'nothing'}, found ${found}.`;
  const theirs = await commitOf(clone, theirKeptRef(tag));
  if (theirs !== undefined) await notePushed(clone, tag, theirs);
  return undefined;
}

function inOneNote(error: unknown): string {
  if (error instanceof GitError) return `Could not look at the origin: ${error.message}`;
  throw error;
}

/** How one push ended; `failed` says why nothing at all went. */
interface Report {
  readonly pushed: readonly string[];
  /** What stands there now as it does here, moved or not. */
  readonly standing: readonly string[];
  readonly refused: readonly { readonly ref: string; readonly why: string }[];
  readonly failed: readonly string[];
}

const NOTHING: Report = { pushed: [], standing: [], refused: [], failed: [] };
const NOTHING_PUSHED: Pushed = { pushed: [], notes: [] };

/** One push: these refspecs, and the kept line where there is one to push. */
async function push(input: PushInput, refspecs: readonly string[], line?: LineToPush): Promise<Report> {
  const { clone, tag } = input;
  const ref = keptRef(tag);
  const all = [...(line?.commit === undefined ? [] : [`${line.commit}:${ref}`]), ...refspecs];
  if (all.length === 0) return NOTHING;
  const lease = line?.from === undefined ? [] : [`--force-with-lease=${ref}:${line.from}`];
  const report = await pushOnce(input, [...lease, ...receiveSafely(input.origin), input.origin, ...all]);
  if (line?.commit !== undefined && report.standing.includes(ref)) await notePushed(clone, tag, line.commit);
  return report;
}

async function pushOnce({ clone, origin, timeoutSeconds }: PushInput, more: readonly string[]): Promise<Report> {
  const args = ['push', '--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', ...more];
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
    standing: lines.filter(({ flag }) => ' +*='.includes(flag)).map(({ ref }) => ref),
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
const sessionRefspec = (tag: string): string => `${sessionRefs(tag)}*:${sessionRefs(tag)}*`;
