import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  isGrpcServiceError,
} from '@temporalio/client';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { InvalidInput } from './domain/invalid-input.ts';
import { CONTROL_QUEUE } from './domain/names.ts';
import type { BestReport, ExperimentLine, StatusReport } from './domain/report.ts';
import type { SessionInput } from './domain/session.ts';

/** Thrown when nothing answers at the server's address. */
export class NoServer extends Error {
  override readonly name = 'NoServer';
}

/** Thrown when the server knows no session of this id. */
export class UnknownSession extends Error {
  override readonly name = 'UnknownSession';
}

/** A session as the server lists it. `open` is false once its workflow has ended in whatever way. */
export interface ListedSession {
  readonly session: string;
  readonly open: boolean;
  readonly outcome: string;
  readonly startedAt: string;
}

/** What runs at this moment, from the last heartbeat, and what waits. */
export interface Progress {
  readonly activity: string;
  readonly attempt: number;
  /** False while no worker has taken it: with `train`, the session waits for a device. */
  readonly started: boolean;
  readonly scheduledAt: string | null;
  readonly lastFailure: string | null;
  readonly beat: Beat | null;
}

const beatSchema = z.object({
  hostId: z.string(),
  device: z.string(),
  phase: z.string(),
  step: z.number().optional(),
  of: z.number().optional(),
  value: z.number().optional(),
  elapsedSeconds: z.number().optional(),
  pid: z.number().optional(),
});
/** What a heartbeat of a device says. */
export type Beat = z.output<typeof beatSchema>;

/** The messages that a session takes; each has an answer. */
export type Verb = 'pause' | 'resume' | 'stop' | 'hint' | 'extend';

/** Codes of gRPC and of Temporal's API: status NOT_FOUND, PENDING_ACTIVITY_STATE_STARTED. */
const NOT_FOUND: number = 5;
const STARTED = 2;
/** How long a query may take before the control worker counts as absent. */
const QUERY_SECONDS = 10;

/** Everything that people and scripts may ask of running sessions. Close it when done. */
export type SessionClient = Awaited<ReturnType<typeof connect>>;

/** Connects to `TEMPORAL_ADDRESS` or a Temporal profile, else to the address given; throws `NoServer`. */
export async function connect(fallback: { readonly address: string } | undefined) {
  const config = loadClientConnectConfig();
  const address = config.connectionOptions.address ?? fallback?.address;
  if (address === undefined) throw new NoServer('No Temporal server runs here; `autoresearch up` starts one.');
  const connection = await dial({ ...config.connectionOptions, address });
  const client = new Client({ connection, ...(config.namespace === undefined ? {} : { namespace: config.namespace }) });
  const on = (session: string): WorkflowHandle => client.workflow.getHandle(session);
  const query = <T>(session: string, name: string, ...args: unknown[]): Promise<T> =>
    known(
      session,
      connection.withDeadline(Date.now() + QUERY_SECONDS * 1000, () => on(session).query<T, unknown[]>(name, ...args)),
    );

  return {
    address,
    close: () => connection.close(),
    /** Starts a session; throws `InvalidInput` when an open one has this id. */
    start: async (session: string, input: SessionInput): Promise<void> => {
      const options = {
        workflowId: session,
        taskQueue: CONTROL_QUEUE,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      } as const;
      try {
        await client.workflow.start('researchSession', options);
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
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
    list: () => list(client),
    progress: (session: string) => progressOf(on(session), session),
    /** How the session's workflow stands: its outcome word and, when it failed, why. */
    outcome: (session: string) => outcomeOf(on(session), session),
  };
}

async function dial(options: Parameters<typeof Connection.connect>[0] & { address: string }): Promise<Connection> {
  try {
    return await Connection.connect({ ...options, connectTimeout: '5 seconds' });
  } catch (error) {
    throw new NoServer(`No Temporal server answers at ${options.address}; \`autoresearch up\` starts one.`, {
      cause: error,
    });
  }
}

/** Tells an unknown session apart from every other trouble. */
async function known<T>(session: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const missing =
      error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && error.code.valueOf() === NOT_FOUND);
    if (missing)
      throw new UnknownSession(`Expected a session that exists, got ${JSON.stringify(session)}.`, { cause: error });
    throw error;
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
    if (error instanceof WorkflowUpdateFailedError) throw new InvalidInput(error.cause?.message ?? error.message);
    throw error;
  }
}

async function list(client: Client): Promise<ListedSession[]> {
  const sessions: ListedSession[] = [];
  for await (const info of client.workflow.list({ query: "WorkflowType = 'researchSession'" })) {
    const open = info.status.name === 'RUNNING';
    if (info.status.name === 'CONTINUED_AS_NEW') continue;
    sessions.push({
      session: info.workflowId,
      open,
      outcome: info.status.name.toLowerCase(),
      startedAt: info.startTime.toISOString(),
    });
  }
  return sessions.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
}

async function progressOf(handle: WorkflowHandle, session: string): Promise<Progress[]> {
  const { raw } = await known(session, handle.describe());
  return (raw.pendingActivities ?? []).map((pending) => {
    const payload = pending.heartbeatDetails?.payloads?.[0];
    const parsed = payload == null ? undefined : beatSchema.safeParse(defaultPayloadConverter.fromPayload(payload));
    return {
      activity: pending.activityType?.name ?? '',
      attempt: pending.attempt ?? 1,
      started: pending.lastStartedTime != null && Number(pending.state) === STARTED,
      scheduledAt:
        pending.scheduledTime?.seconds == null
          ? null
          : new Date(Number(pending.scheduledTime.seconds) * 1000).toISOString(),
      lastFailure: pending.lastFailure?.message ?? null,
      beat: parsed?.success === true ? parsed.data : null,
    };
  });
}

async function outcomeOf(
  handle: WorkflowHandle,
  session: string,
): Promise<{ open: boolean; outcome: string; failure: string | null; taskAttempt: number }> {
  const { status, raw } = await known(session, handle.describe());
  const failed = status.name === 'FAILED' ? await handle.result().then(() => null, causeOf) : null;
  // A workflow task that was tried several times keeps failing: workflow code throws, which is a bug of ours.
  const taskAttempt = raw.pendingWorkflowTask?.attempt ?? 0;
  return { open: status.name === 'RUNNING', outcome: status.name.toLowerCase(), failure: failed, taskAttempt };
}

/** What lies under Temporal's layers of "failed": the sentence of whoever threw first. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? causeOf(error.cause) : error.message;
}
