// Sending a session's refs to the origin, after the fact: a push that is refused, or an origin out of reach, is a note
// and is tried again later; it stops nothing. Nothing is forced. And a person's files are safe: a branch that is
// checked out in a work tree of a path origin is never pushed, because the origin may be set to rewrite its files.
import { keptBranch, keptRef } from '../domain/names.ts';
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
  const { clone, origin, tag, what, timeoutSeconds } = input;
  if (what === 'none') return { pushed: [], notes: [] };
  const checkedOut = await whereCheckedOut(input);
  const refspecs = [
    ...(checkedOut === undefined ? [`${keptRef(tag)}:${keptRef(tag)}`] : []),
    ...(what === 'all' ? [`${sessionRefs(tag)}:${sessionRefs(tag)}`] : []),
  ];
  const notes = checkedOut === undefined ? [] : [checkedOut];
  if (refspecs.length === 0) return { pushed: [], notes };
  const flags = ['--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no'];
  const args = ['push', ...flags, ...receiveSafely(origin), origin, ...refspecs];
  try {
    const report = readReport(await git(clone, args, { timeoutSeconds }));
    return { pushed: report.pushed, notes: [...notes, ...report.notes] };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const report = readReport(error.stdout);
    const wholly = report.notes.length === 0 ? [`Could not push to ${withoutPassword(origin)}: ${error.message}`] : [];
    return { pushed: report.pushed, notes: [...notes, ...report.notes, ...wholly] };
  }
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
    return `Did not push ${branch}: cannot see what is checked out in ${origin}: ${oneSentence(error.stderr)}`;
  }
}

// `<flag> TAB <from>:<to> TAB <summary>`; flags: space moved, `*` new, `=` was there, `!` refused.
function readReport(stdout: string): Pushed {
  const lines = stdout.split('\n').flatMap((line) => {
    const [, flag, to, summary] = /^(.)\t[^\t]*:([^\t]+)\t(.*)$/.exec(line) ?? [];
    return flag === undefined || to === undefined ? [] : [{ flag, to, summary: summary ?? '' }];
  });
  return {
    pushed: lines.filter(({ flag }) => flag === ' ' || flag === '*').map(({ to }) => to),
    notes: lines.filter(({ flag }) => flag === '!').map(({ to, summary }) => `The origin refused ${to}: ${summary}.`),
  };
}

/** Candidates and the ledger. */
const sessionRefs = (tag: string): string => `refs/autoresearch/${tag}/*`;
