// Sessions by their refs alone: also those whose ledgers cannot be read, or are gone, which `src/ledgers.ts` cannot name.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventPath, parseEvent } from '../domain/ledger.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { ledgerRef } from '../domain/names.ts';
import { brokenIn } from './broken-refs.ts';
import { isDamage, tagsInFiles } from './damaged-clone.ts';
import { GitError, gitSaying } from './git.ts';
import { readObjects, textOf, type GitObject } from './objects.ts';
import { fetchAutoresearchRefs, resolveRepo } from './user-repo.ts';

/** A session and the git directory that has it. */
export interface FoundSession {
  readonly directory: string;
  readonly tag: string;
  /** Its id; its tag where the ledger does not tell. */
  readonly session: string;
  /** ISO time; empty where the ledger does not tell. */
  readonly startedAt: string;
}

/** Sessions, the newest first, and a sentence for each place that could not be looked at. */
export interface FoundSessions {
  readonly sessions: readonly FoundSession[];
  readonly notes: readonly string[];
}

/** A person waits for this. */
const FETCH_SECONDS = 10;

/** The sessions of this machine's home clones, which lie in the folder `repos`. */
export async function sessionsAtHome(repos: string): Promise<FoundSessions> {
  const entries = await readdir(repos, { withFileTypes: true }).catch(() => []);
  const clones = entries.filter((entry) => entry.isDirectory() && entry.name.endsWith('.git'));
  const found = await Promise.all(clones.map(({ name }) => sessionsIn(join(repos, name))));
  return {
    sessions: found.flatMap(({ sessions }) => sessions).toSorted(newestFirst),
    notes: found.flatMap(({ notes }) => notes),
  };
}

/** The sessions of the repo around a folder, fetched first: a plain clone does not carry refs/autoresearch. */
export async function sessionsAround(
  folder: string,
  repoIs: 'needed' | 'optional' = 'optional',
): Promise<FoundSessions> {
  const repo = await resolveRepo(folder).catch((error: unknown) => {
    if (error instanceof InvalidInput && repoIs === 'optional') return null; // no repo is no mistake here
    throw error;
  });
  if (repo === null) return { sessions: [], notes: [] };
  const notes = await fetchAutoresearchRefs(repo.origin, FETCH_SECONDS);
  const found = await sessionsIn(repo.origin);
  return { sessions: found.sessions.toSorted(newestFirst), notes: [...notes, ...found.notes] };
}

const newestFirst = (left: FoundSession, right: FoundSession): number => right.startedAt.localeCompare(left.startedAt);

async function sessionsIn(directory: string): Promise<FoundSessions> {
  try {
    const list = ['for-each-ref', '--format=%(refname)', 'refs/autoresearch'];
    const { text, warnings } = await gitSaying(directory, list);
    const broken = brokenIn(warnings).flatMap(({ ref }) => (ref.startsWith('refs/autoresearch/') ? [ref] : []));
    const tags = [...new Set([...text.split('\n'), ...broken].flatMap((ref) => ref.split('/')[2] ?? []))];
    const openings = await readObjects(
      directory,
      tags.map((tag) => `${ledgerRef(tag)}:${eventPath(0, 'open')}`),
    );
    const sessions = tags.map((tag, k) => ({
      directory,
      tag,
      session: tag,
      startedAt: '',
      ...beginningIn(openings[k], tag),
    }));
    return { sessions, notes: [] };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const named = isDamage(error) ? tagsInFiles(directory) : [];
    const sessions = named.map((tag) => ({ directory, tag, session: tag, startedAt: '' }));
    return { sessions, notes: [`Could not read the sessions in ${directory}: ${error.message}`] };
  }
}

/** What an opening says of its session; undefined where it is none of this tag, which `verify` then says. */
function beginningIn(
  object: GitObject | undefined,
  tag: string,
): Pick<FoundSession, 'session' | 'startedAt'> | undefined {
  if (object === undefined) return undefined;
  try {
    const event = parseEvent(textOf(object, eventPath(0, 'open')));
    return event.kind === 'open' && event.tag === tag ? { session: event.session, startedAt: event.at } : undefined;
  } catch {
    return undefined;
  }
}
