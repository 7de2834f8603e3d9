// Clears the outputs of trials whose verdict is written down, so that a long session cannot fill the disk. What may go
// only its session knows; of a session that gives no answer everything stays.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { StateDirectory } from './config.ts';
import { factsOfLedger, factsOfReport, mayClear, type OutputFacts } from './domain/outputs.ts';
import type { StatusReport } from './domain/report.ts';
import { ledgersHere } from './ledgers.ts';
import type { ServerIdentity } from './server-identity.ts';
import { pruneTrial, storedSessions, type StoredTrial } from './trainer/prune.ts';
import { liveTrials } from './trainer/sweep.ts';

/** A query waits for a control worker; without one there is no hurry either. */
const ANSWER_MS = 10_000;

/** What clearing needs of its device worker. */
export interface PrunerDeps {
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly state: StateDirectory;
  /** The trials' folder, by its real path. */
  readonly trials: string;
  readonly log: Logger;
  readonly server: ServerIdentity;
}

/** What is known of a session's outputs; `facts` is null when nobody can say, and all of them stay. */
interface Answer {
  readonly facts: OutputFacts | null;
  readonly isOver: boolean;
}

/** Gives a look at everything that is stored here, to be taken again and again; looks never overlap. */
export function createPruner(deps: PrunerDeps): () => Promise<void> {
  // What sessions that are over keep: they are asked again only when there is something else.
  const settled = new Map<string, string>();
  const look = async (): Promise<void> => {
    // First who is live, then what is there, then what its session says: a trial that begins meanwhile is in no list,
    // or has another ticket by then.
    const live = new Set(liveTrials(deps.trials).map(({ directory }) => directory.root));
    for (const { session, trials } of await storedSessions(deps.trials)) {
      const over = trials.filter(({ directory }) => !live.has(directory.root));
      if (over.length === 0 || settled.get(session) === listing(over)) continue;
      const { facts, isOver } = await ask(deps, session);
      const unwanted = over.filter(({ experiment }) => facts !== null && mayClear(facts, experiment));
      for (const trial of unwanted) await clear(deps, session, trial);
      if (isOver) settled.set(session, listing(over.filter((trial) => !unwanted.includes(trial))));
    }
  };
  let last = Promise.resolve();
  return () => {
    last = last.catch(() => undefined).then(look);
    return last;
  };
}

const listing = (trials: readonly StoredTrial[]): string => trials.map(({ directory }) => directory.root).join('\n');

async function clear({ log }: PrunerDeps, session: string, trial: StoredTrial): Promise<void> {
  const place = { session, trial: trial.directory.root };
  try {
    if (await pruneTrial(trial)) log.info(place, 'output cleared');
  } catch (error) {
    log.warn({ ...place, error: String(error) }, 'output could not be cleared');
  }
}

const NO_ANSWER: Answer = { facts: null, isOver: false };

async function ask(deps: PrunerDeps, session: string): Promise<Answer> {
  const answer = await askServer(deps, session);
  // Another state directory's server on our port may know a session of this name: what it says is not of ours.
  return (await deps.server.isSame()) ? answer : NO_ANSWER;
}

async function askServer({ connection, client, state }: PrunerDeps, session: string): Promise<Answer> {
  try {
    return await connection.withDeadline(Date.now() + ANSWER_MS, async () => {
      const handle = client.workflow.getHandle(session);
      const { status } = await handle.describe();
      const isOver = status.name !== 'RUNNING';
      return { facts: factsOfReport(await handle.query<StatusReport>('status'), isOver), isOver };
    });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) return NO_ANSWER;
    const found = (await ledgersHere(state)).found.find(({ open }) => open.session === session);
    return { facts: found === undefined ? null : factsOfLedger(found.ledger), isOver: true };
  }
}
