// The ledgers within reach: of this machine's home clones, then of the repo that a command was run in.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from './config.ts';
import type { Ledger, OpenEvent } from './domain/ledger.ts';
import { tagFrom } from './domain/names.ts';
import { DamagedClone, isDamage, tagsInFiles } from './git/damaged-clone.ts';
import { BrokenRef } from './git/broken-refs.ts';
import { sessionsAround, sessionsAtHome, type FoundSession } from './git/find-sessions.ts';
import { git, GitError } from './git/git.ts';
import { CorruptLedger, listSessions, readLedger } from './git/ledger.ts';
import { fetchAutoresearchRefs, resolveRepo } from './git/user-repo.ts';
import { UnknownSession } from './session-workflow.ts';

/** A session's ledger and the git directory that it was read from. */
export interface FoundLedger {
  readonly directory: string;
  readonly repo: string;
  readonly open: OpenEvent;
  readonly ledger: Ledger;
}

/** A ledger that cannot be read, known by its ref alone: it must not keep anybody from the others. */
export interface DamagedLedger {
  readonly tag: string;
  readonly repo: string;
  readonly error: Error;
}

interface Shelf {
  readonly found: readonly FoundLedger[];
  readonly damaged: readonly DamagedLedger[];
}

/** The ledgers within reach: of this machine's home clones, then of the repo that the command was run in. */
export interface Ledgers {
  readonly all: () => Promise<Shelf>;
  /** The sessions of `all` and when they began, without reading a whole ledger. */
  readonly beginnings: (alsoAround: boolean) => Promise<readonly FoundSession[]>;
  readonly find: (session: string) => Promise<FoundLedger | null>;
  readonly need: (session: string) => Promise<FoundLedger>;
}

/** The ledgers that can be read from `folder`; `need` throws `UnknownSession`, and with `find` what is wrong with a damaged one. */
export function createLedgers(folder: string): Ledgers {
  const find = async (session: string): Promise<FoundLedger | null> => {
    for (const look of [ledgersHere, () => ledgersIn(folder)]) {
      const { found, damaged } = await look();
      const ledger = found.find(isOf(session));
      if (ledger !== undefined) return ledger;
      const harm = damaged.find(({ tag }) => tag === tagFrom(session));
      if (harm !== undefined) throw harm.error;
    }
    return null;
  };
  return {
    find,
    all: async () => {
      const here = await ledgersHere();
      return here.found.length + here.damaged.length > 0 ? here : ledgersIn(folder);
    },
    beginnings: async (alsoAround) => {
      const here = await sessionsAtHome(stateDirectory().repos);
      return here.sessions.length > 0 || !alsoAround ? here.sessions : (await sessionsAround(folder)).sessions;
    },
    need: async (session) => {
      const found = await find(session);
      if (found !== null) return found;
      const expected = `Expected a session that exists, got ${JSON.stringify(session)};`;
      throw new UnknownSession(`${expected} \`npx autoresearch list\` shows them.`);
    },
  };
}

const isOf = (name: string) => (one: FoundLedger) => one.open.session === name || one.open.tag === name;

/** Ledgers in this machine's home clones. */
export async function ledgersHere({ repos }: { readonly repos: string } = stateDirectory()): Promise<Shelf> {
  const clones = listFolder(repos).filter((name) => name.endsWith('.git'));
  const shelves = await Promise.all(clones.map((name) => readLedgers(join(repos, name))));
  return { found: shelves.flatMap(({ found }) => found), damaged: shelves.flatMap(({ damaged }) => damaged) };
}

/** Ledgers in the repo that the folder belongs to. */
async function ledgersIn(folder: string): Promise<Shelf> {
  const repo = await resolveRepo(folder).catch(() => null);
  if (repo === null) return { found: [], damaged: [] };
  // A plain clone does not carry refs/autoresearch; bring them first, and read what there is if that fails.
  await fetchAutoresearchRefs(repo.origin, FETCH_SECONDS).catch(() => []);
  return readLedgers(repo.origin);
}

/** A person waits for this. */
const FETCH_SECONDS = 10;

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

async function readLedgers(directory: string): Promise<Shelf> {
  try {
    return await readWhole(directory);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const harm = new DamagedClone(directory, error);
    return { found: [], damaged: tagsInFiles(directory).map((tag) => ({ tag, repo: directory, error: harm })) };
  }
}

async function readWhole(directory: string): Promise<Shelf> {
  const refs = await listSessions(directory);
  const repo = await git(directory, ['config', 'autoresearch.origin']).catch(() => directory);
  const damaged: DamagedLedger[] = [];
  const found = await Promise.all(
    refs.map(async ({ tag }) => {
      try {
        const ledger = await readLedger(directory, tag);
        const open = ledger?.events[0];
        return ledger !== undefined && open?.kind === 'open' ? [{ directory, repo, open, ledger }] : [];
      } catch (error) {
        if (isDamage(error) || !isUnreadable(error)) throw error;
        damaged.push({ tag, repo, error });
        return [];
      }
    }),
  );
  return { found: found.flat(), damaged };
}

/** What one ledger may be: its files, its ref, or objects behind them that are gone. */
const isUnreadable = (error: unknown): error is Error =>
  error instanceof CorruptLedger || error instanceof BrokenRef || error instanceof GitError;
