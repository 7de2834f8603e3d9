// What the server says of sessions' workflows, whether or not a worker lives to answer queries.
import { WorkflowNotFoundError, isGrpcServiceError, type Client, type WorkflowHandle } from '@temporalio/client';
import {
  ApplicationFailure,
  defaultPayloadConverter,
  defineSearchAttributeKey,
  SearchAttributeType,
} from '@temporalio/common';
import { z } from 'zod';

/** Thrown when the server knows no session of this id. */
export class UnknownSession extends Error {
  override readonly name = 'UnknownSession';
}

/** A session as the server lists it, by its newest run. `open` is false once its workflow has ended in whatever way. */
export interface ListedSession {
  readonly session: string;
  readonly open: boolean;
  readonly outcome: string;
  /** The session's own status word, where the server can search for it. */
  readonly status: string | null;
  /** When this run began: of a session that continued as new, later than the session. */
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
  /** Of a coding agent that proposes. */
  readonly agent?: AgentBeat;
}

const beatSchema = z.object({
  hostId: z.string(),
  device: z.string(),
  phase: z.string(),
  trial: z.string().optional(),
  step: z.number().optional(),
  of: z.number().optional(),
  value: z.number().optional(),
  elapsedSeconds: z.number().optional(),
  pid: z.number().optional(),
});
/** What a heartbeat of a device says. */
export type Beat = z.output<typeof beatSchema>;

const agentBeatSchema = z.object({
  phase: z.literal('agent'),
  /** In a few words. */
  doing: z.string(),
  turns: z.number(),
  elapsedSeconds: z.number(),
});
/** What a heartbeat of a proposal says, while a coding agent makes it. */
export type AgentBeat = z.output<typeof agentBeatSchema>;

const STATUS = defineSearchAttributeKey('SessionStatus', SearchAttributeType.KEYWORD);
/** Codes of gRPC and of Temporal's API: status NOT_FOUND, PENDING_ACTIVITY_STATE_STARTED. */
const NOT_FOUND: number = 5;
const STARTED = 2;
/** Tells an unknown session apart from every other trouble. */
export async function known<T>(session: string, answer: Promise<T>): Promise<T> {
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

/** Every session that the server remembers, once, the one whose newest run began last first. */
export async function listSessions(client: Client): Promise<ListedSession[]> {
  const sessions = new Map<string, ListedSession>();
  for await (const info of client.workflow.list({ query: "WorkflowType = 'researchSession'" })) {
    const { workflowId: session, status, typedSearchAttributes } = info;
    const startedAt = info.startTime.toISOString();
    // An id has several runs: started again after a mistake, going on after its end, continued as new.
    if (startedAt < (sessions.get(session)?.startedAt ?? '')) continue;
    // A run that continued as new has one after it, which the server may list a moment later.
    const open = status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW';
    const outcome = open ? 'running' : status.name.toLowerCase();
    sessions.set(session, { session, open, outcome, status: typedSearchAttributes.get(STATUS) ?? null, startedAt });
  }
  return [...sessions.values()].toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/** Removes every run of a session from the server. */
export async function forgetRuns(client: Client, session: string): Promise<void> {
  const { namespace } = client.options;
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = ${JSON.stringify(session)}` })) {
    const workflowExecution = { workflowId: session, runId };
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
  }
}

/** What of the session runs or waits at this moment. */
export async function progressOf(handle: WorkflowHandle, session: string): Promise<Progress[]> {
  const { raw } = await known(session, handle.describe());
  return (raw.pendingActivities ?? []).map((pending) => {
    const payload = pending.heartbeatDetails?.payloads?.[0];
    const details: unknown = payload == null ? undefined : defaultPayloadConverter.fromPayload(payload);
    const beat = beatSchema.safeParse(details).data ?? null;
    const agent = agentBeatSchema.safeParse(details).data;
    return {
      activity: pending.activityType?.name ?? '',
      attempt: pending.attempt ?? 1,
      started: pending.lastStartedTime != null && Number(pending.state) === STARTED,
      scheduledAt:
        pending.scheduledTime?.seconds == null
          ? null
          : new Date(Number(pending.scheduledTime.seconds) * 1000).toISOString(),
      lastFailure: pending.lastFailure?.message ?? null,
      beat,
      ...(agent !== undefined && { agent }),
    };
  });
}

/** How the session's workflow stands: its outcome word and, when it failed, why. */
export async function outcomeOf(
  handle: WorkflowHandle,
  session: string,
): Promise<{ open: boolean; outcome: string; failure: string | null; isMistake?: boolean; taskAttempt: number }> {
  const { status, raw } = await known(session, handle.describe());
  const cause = status.name === 'FAILED' ? await handle.result().then(() => null, causeOf) : null;
  const failure = cause?.message ?? null;
  // A person's mistake, which only the worker could see: it failed before anything began.
  const isMistake = cause instanceof ApplicationFailure && cause.type === 'InvalidInput';
  // A workflow task that was tried several times keeps failing: workflow code throws, which is a bug of ours.
  const taskAttempt = raw.pendingWorkflowTask?.attempt ?? 0;
  return { open: status.name === 'RUNNING', outcome: status.name.toLowerCase(), failure, isMistake, taskAttempt };
}

/** What lies under Temporal's layers of "failed": what was thrown first. */
function causeOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return error.cause instanceof Error ? causeOf(error.cause) : error;
}
