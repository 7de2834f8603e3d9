// Where answers about sessions come from: Temporal while it answers, git otherwise. The one place that knows both.
import { readFile } from 'node:fs/promises';
import { connect, NoServer, type SessionClient } from './client.ts';
import { stateDirectory } from './config.ts';
import type { ExperimentRecord } from './domain/experiment.ts';
import type { SessionView, StatusReport } from './domain/report.ts';
import { viewOf } from './domain/view.ts';
import { diff } from './git/inspect.ts';
import { createLedgers, type FoundLedger, type Ledgers } from './ledgers.ts';
import { services, type Services } from './services/daemon.ts';
import { statusWord } from './status-word.ts';
import { UnknownSession } from './session-workflow.ts';
import { lastTrial, trialDirectory } from './trainer/trial-directory.ts';

/** A session in a list. */
export interface SessionListing {
  readonly session: string;
  readonly status: string;
  readonly task: string;
  readonly repo: string;
  readonly startedAt: string;
  readonly source: 'temporal' | 'git';
}

/** Everything that commands read. Close it when done. */
export interface Feed {
  /** Null when no server answers. */
  readonly client: SessionClient | null;
  /** Where the person's own server is, that they named by TEMPORAL_ADDRESS or a profile. */
  readonly theirs?: string;
  readonly close: () => Promise<void>;
  /** The session named, else the newest; throws `UnknownSession` when there is none. */
  readonly resolve: (session?: string) => Promise<string>;
  /** Newest first. */
  readonly sessions: () => Promise<readonly SessionListing[]>;
  /** The session at this moment; `live` is null when it was read from git. */
  readonly view: (
    session: string,
  ) => Promise<{ source: 'temporal' | 'git'; view: SessionView; live: StatusReport | null }>;
  /** The whole ledger's experiments, from git. */
  readonly records: (session: string) => Promise<readonly ExperimentRecord[]>;
  readonly ledger: (session: string) => Promise<FoundLedger | null>;
  /** What experiment n changed, as a unified diff. */
  readonly diff: (session: string, experiment: number) => Promise<string>;
  /** The end of a trial's log; null when it was not trained here or is gone. */
  readonly trialLog: (session: string, experiment: number, trial: number) => Promise<string | null>;
  /** The trial that printed last, of one without a record too; null when none was trained here. */
  readonly lastTrial: (session: string, experiment: number) => Promise<number | null>;
}

/** Opens the feed; a server that does not answer is no error, git then answers alone. */
export async function openFeed(folder = process.cwd()): Promise<Feed> {
  const running = await services();
  const client = await connectIfThere(running);
  const ledgers = createLedgers(folder);
  const sessions = () => listAll(client, ledgers);
  return {
    client,
    ...(running.embedded || running.address === undefined ? {} : { theirs: running.address }),
    sessions,
    close: async () => client?.close(),
    ledger: ledgers.find,
    resolve: async (session) => {
      if (session !== undefined) return session;
      const newest = await newestOf(client, ledgers);
      if (newest !== undefined) return newest;
      throw new UnknownSession('Expected a session, got none: nothing was ever started here.');
    },
    view: (session) => viewFrom(client, ledgers, session),
    records: async (session) => (await ledgers.need(session)).ledger.experiments,
    diff: async (session, experiment) => {
      const { directory, ledger } = await ledgers.need(session);
      const record = ledger.experiments.find((one) => one.experiment === experiment);
      if (record?.candidate == null) return '';
      return diff(directory, record.base, record.candidate);
    },
    trialLog: async (session, experiment, trial) => {
      const { log } = trialDirectory(stateDirectory().trials, { session, experiment, trial });
      return readFile(log, 'utf8').catch(() => null);
    },
    lastTrial: async (session, experiment) => lastTrial(stateDirectory().trials, { session, experiment }),
  };
}

async function connectIfThere({ address, embedded, processes }: Services): Promise<SessionClient | null> {
  // Asking a port where our own server is known to be dead would only cost the time to be refused.
  const dead = embedded && !processes.some(({ name, alive }) => name === 'temporal-server' && alive);
  if (dead || address === undefined) return null;
  try {
    const answers = !embedded || processes.some(({ name, alive }) => name === 'control-worker' && alive);
    return await connect({ address, answers });
  } catch (error) {
    if (error instanceof NoServer) return null;
    throw error;
  }
}

async function viewFrom(client: SessionClient | null, ledgers: Ledgers, session: string): ReturnType<Feed['view']> {
  const inGit = async (): Promise<SessionView> => {
    const { ledger, repo } = await ledgers.need(session);
    const view = viewOf(ledger, repo);
    if (view !== null) return view;
    throw new UnknownSession(`Expected the ledger of ${session} to begin with its opening, got none.`);
  };
  if (client !== null) {
    try {
      const { open, outcome } = await client.outcome(session);
      // One that was ended from outside never learned of it: asked, it would tell where it was, as if it went on.
      if (!open && !SAYS_ITS_END.has(outcome)) return { source: 'git', view: await inGit(), live: null };
      if (outcome === 'completed') {
        // A closed workflow answers a query only after it has replayed its whole history; git has the same at once.
        const view = await inGit().catch(() => null);
        if (view?.status === 'done') return { source: 'git', view, live: null };
      }
      const live = await client.status(session);
      // Refused before it read the ledger, as a session that was to go on may be: what git has of it holds.
      const before = outcome === 'failed' && live.best === null ? await inGit().catch(() => null) : null;
      if (before !== null) return { source: 'git', view: { ...before, status: 'failed', reason: null }, live: null };
      return { source: 'temporal', view: live, live };
    } catch (error) {
      // Histories are kept for a day only, and a query needs a control worker: git knows the rest.
      const found = await ledgers.find(session);
      if (found === null) throw error;
    }
  }
  return { source: 'git', view: await inGit(), live: null };
}

/** Outcomes that a workflow comes to by itself; asked after that, it says how it ended. */
const SAYS_ITS_END = new Set(['completed', 'failed', 'cancelled']);

/** The session at the head of `listAll`, found without reading a whole ledger. */
async function newestOf(client: SessionClient | null, ledgers: Ledgers): Promise<string | undefined> {
  const onServer = (await client?.list()) ?? [];
  const inGit = await ledgers.beginnings(onServer.length === 0);
  const starts = new Map(onServer.map(({ session, startedAt }) => [session, startedAt]));
  // The server knows when a run began, git when the session did; one that is not in git yet is in its first run.
  for (const { session, startedAt } of inGit) if (startedAt !== '') starts.set(session, startedAt);
  return [...starts].toSorted(([, a], [, b]) => b.localeCompare(a))[0]?.[0] ?? inGit[0]?.session;
}

async function listAll(client: SessionClient | null, ledgers: Ledgers): Promise<SessionListing[]> {
  const [inGit, onServer] = await Promise.all([ledgers.all(), client?.list() ?? []]);
  const listings = new Map<string, SessionListing>();
  for (const { tag, repo } of inGit.damaged)
    listings.set(tag, { session: tag, status: 'unreadable', task: '', repo, startedAt: '', source: 'git' });
  for (const { open, ledger, repo } of inGit.found) {
    const view = viewOf(ledger, repo);
    const { session, at: startedAt } = open;
    const known = { session, status: view?.status ?? 'interrupted', task: open.task.name, repo, startedAt };
    listings.set(session, { ...known, source: 'git' });
  }
  const words = await Promise.all(
    onServer.map(async (one) =>
      client !== null && one.open ? statusWord(client, one, listings.has(one.session)) : null,
    ),
  );
  for (const [k, { session, outcome, startedAt }] of onServer.entries()) {
    const known = listings.get(session);
    // Git knows how a session ended and when it began, across all its runs; Temporal knows whether it goes on.
    // What of a session that is over cannot be read is no more said to be done.
    const end = known?.status === 'unreadable' ? 'unreadable' : outcome === 'completed' ? 'done' : outcome;
    const word = words[k] ?? end;
    const blank = { session, task: '', repo: '' };
    const began = known === undefined || known.startedAt === '' ? startedAt : known.startedAt;
    listings.set(session, { ...blank, ...known, startedAt: began, status: word, source: 'temporal' });
  }
  return [...listings.values()].toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
}
