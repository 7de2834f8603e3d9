import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowUpdateFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { InvalidInput } from './domain/invalid-input.ts';
import { CONTROL_QUEUE } from './domain/names.ts';
import type { BestReport } from './domain/best-report.ts';
import type { ExperimentLine, StatusReport } from './domain/report.ts';
import type { SessionInput } from './domain/session.ts';
import { temporalProfile } from './services/temporal-profile.ts';
import { forgetRuns, known, listSessions, outcomeOf, progressOf, UnknownSession } from './session-workflow.ts';

/** Thrown when nothing answers at the server's address. */
export class NoServer extends Error {
  override readonly name = 'NoServer';
}

/** The messages that a session takes; each has an answer. */
export type Verb =
  | 'pause'
  | 'resume'
  | 'stop'
  | 'audit'
  | 'review'
  | 'hint'
  | 'patch'
  | 'veto'
  | 'approve'
  | 'pin'
  | 'extend';

/** How long a query may take before the control worker counts as absent. */
const QUERY_SECONDS = 10;
/** The same where no control worker is known to live: one started by hand may still answer. */
const DOUBTFUL_QUERY_SECONDS = 2;

/** Everything that people and scripts may ask of running sessions. Close it when done. */
export type SessionClient = Awaited<ReturnType<typeof connect>>;

/** Where to ask when neither `TEMPORAL_ADDRESS` nor a profile says so, and whether somebody is there to answer. */
export interface Fallback {
  readonly address: string;
  /** False when this machine's control worker is known not to live. */
  readonly answers?: boolean;
}

/** Connects to `TEMPORAL_ADDRESS` or a Temporal profile, else to the address given; throws `NoServer`. */
export async function connect(fallback: Fallback | undefined) {
  const config = await temporalProfile();
  const address = config.connectionOptions.address ?? fallback?.address;
  if (address === undefined) throw new NoServer('No Temporal server runs here; `npx autoresearch up` starts one.');
  const connection = await dial({ ...config.connectionOptions, address });
  const client = new Client({ connection, ...(config.namespace === undefined ? {} : { namespace: config.namespace }) });
  const on = (session: string): WorkflowHandle => client.workflow.getHandle(session);
  const patienceMs = 1000 * (fallback?.answers === false ? DOUBTFUL_QUERY_SECONDS : QUERY_SECONDS);
  const query = <T>(session: string, name: string, ...args: unknown[]): Promise<T> => {
    const ask = (): Promise<T> => on(session).query<T, unknown[]>(name, ...args);
    return known(session, connection.withDeadline(Date.now() + patienceMs, ask));
  };

  return {
    address,
    close: () => connection.close(),
    /** Starts a session; throws `InvalidInput` when an open one has this id. */
    start: async (session: string, input: SessionInput): Promise<void> => {
      const options = {
        workflowId: session,
        taskQueue: CONTROL_QUEUE,
        args: [input],
        // Going on is a new run of the same id, once the one before is over.
        workflowIdReusePolicy: input.continueFrom === undefined ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE',
      } as const;
      try {
        await client.workflow.start('researchSession', options);
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        if (input.continueFrom !== undefined)
          throw new InvalidInput(
            `Expected a session that is over or forgotten, got ${session}, which is still open; \`resume\` or \`extend\` it.`,
          );
        throw new InvalidInput(
          `Expected a session id that is free, got ${JSON.stringify(session)}, which is taken; choose another.`,
        );
      }
    },
    best: (session: string): Promise<BestReport> => query<BestReport>(session, 'best'),
    status: (session: string): Promise<StatusReport> => query<StatusReport>(session, 'status'),
    experiments: (session: string, limit: number) =>
      query<readonly ExperimentLine[]>(session, 'experiments', { limit }),
    update: (session: string, verb: Verb, options: object): Promise<{ status: string }> =>
      update(on(session), session, verb, options),
    /** Asks a session to stop without an answer: the server keeps that for a worker that comes back, and no update. */
    stopLater: (session: string, options: object): Promise<void> =>
      known(session, on(session).signal<[object]>('stop', options)),
    list: () => listSessions(client),
    /** Removes every run of a session that has ended; one that the server does not know is none. */
    forget: (session: string) => forgetRuns(client, session),
    progress: (session: string) => progressOf(on(session), session),
    /** How the session's workflow stands: its outcome word and, when it failed, why. */
    outcome: (session: string) => outcomeOf(on(session), session),
  };
}

async function dial(options: Parameters<typeof Connection.connect>[0] & { address: string }): Promise<Connection> {
  try {
    return await Connection.connect({ ...options, connectTimeout: '5 seconds' });
  } catch (error) {
    throw new NoServer(`No Temporal server answers at ${options.address}; \`npx autoresearch up\` starts one.`, {
      cause: error,
    });
  }
}

async function update(
  handle: WorkflowHandle,
  session: string,
  verb: Verb,
  options: object,
): Promise<{ status: string }> {
  try {
    return await known(session, handle.executeUpdate<{ status: string }, [object]>(verb, { args: [options] }));
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError || error instanceof UnknownSession)) throw error;
    // The server knows no update of a session that has ended, before it came or while it was under way.
    const { open, outcome } = await outcomeOf(handle, session);
    if (open && error instanceof UnknownSession) throw error;
    if (open) throw new InvalidInput(error.cause instanceof Error ? error.cause.message : error.message);
    if (verb === 'stop') return { status: outcome === 'completed' ? 'done' : outcome };
    throw new InvalidInput(
      `Expected a session that is open, got ${session}, which has ended; \`npx autoresearch start --continue-from ${session}\` goes on from it.`,
    );
  }
}
