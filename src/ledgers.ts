// The ledgers within reach: of this machine's home clones, then of the repo that a command was run in.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from './config.ts';
import type { Ledger, OpenEvent } from './domain/ledger.ts';
import { git } from './git/git.ts';
import { listSessions, readLedger } from './git/ledger.ts';
import { fetchAutoresearchRefs, resolveRepo } from './git/user-repo.ts';
import { UnknownSession } from './session-workflow.ts';

/** A session's ledger and the git directory that it was read from. */
export interface FoundLedger {
  readonly directory: string;
  readonly repo: string;
  readonly open: OpenEvent;
  readonly ledger: Ledger;
}

/** The ledgers within reach: of this machine's home clones, then of the repo that the command was run in. */
export interface Ledgers {
  readonly all: () => Promise<FoundLedger[]>;
  readonly find: (session: string) => Promise<FoundLedger | null>;
  readonly need: (session: string) => Promise<FoundLedger>;
}

/** The ledgers that can be read from `folder`; `need` throws `UnknownSession`. */
export function createLedgers(folder: string): Ledgers {
  const find = async (session: string): Promise<FoundLedger | null> =>
    (await ledgersHere()).find(isOf(session)) ?? (await ledgersIn(folder)).find(isOf(session)) ?? null;
  return {
    find,
    all: async () => {
      const found = await ledgersHere();
      return found.length > 0 ? found : ledgersIn(folder);
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
export async function ledgersHere({ repos } = stateDirectory()): Promise<FoundLedger[]> {
  const clones = listFolder(repos).filter((name) => name.endsWith('.git'));
  return (await Promise.all(clones.map((name) => readLedgers(join(repos, name))))).flat();
}

/** Ledgers in the repo that the folder belongs to. */
async function ledgersIn(folder: string): Promise<FoundLedger[]> {
  const repo = await resolveRepo(folder).catch(() => null);
  if (repo === null) return [];
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

async function readLedgers(directory: string): Promise<FoundLedger[]> {
  const refs = await listSessions(directory);
  const origin = await git(directory, ['config', 'autoresearch.origin']).catch(() => directory);
  const found = await Promise.all(
    refs.map(async ({ tag }) => {
      const ledger = await readLedger(directory, tag);
      const open = ledger?.events[0];
      return ledger !== undefined && open?.kind === 'open' ? [{ directory, repo: origin, open, ledger }] : [];
    }),
  );
  return found.flat();
}
