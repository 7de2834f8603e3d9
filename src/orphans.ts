// What a worker that was killed held. The server believes in it until its heartbeats have been missing for a while; the
// next worker of the same name knows better, and says so at once.
import { Client } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Who asks. `identity` names a worker across its restarts. */
export interface OrphanDeps {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly identity: string;
  readonly log: Logger;
}

const STARTED = 2; // PENDING_ACTIVITY_STATE_STARTED of Temporal's API
/** Nothing depends on this: what it misses is noticed by its heartbeats. */
const PATIENCE_MS = 5000;

/**
 * Fails with `failure` whatever the server believes to run on workers of this identity. To be called before such a worker
 * begins, so that all of it belongs to one that is gone. A twin that still lives loses its activities, not its trainings:
 * they are adopted.
 */
export async function releaseOrphans(deps: OrphanDeps, failure: ApplicationFailure): Promise<void> {
  const { connection, namespace, identity, log } = deps;
  const client = new Client({ connection, namespace });
  try {
    await connection.withDeadline(Date.now() + PATIENCE_MS, async () => {
      const query = "WorkflowType = 'researchSession' AND ExecutionStatus = 'Running'";
      for await (const { workflowId, runId } of client.workflow.list({ query })) {
        const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
        for (const { activityId, state, lastWorkerIdentity } of raw.pendingActivities ?? []) {
          if (activityId == null || Number(state) !== STARTED || lastWorkerIdentity !== identity) continue;
          log.info(
            { session: workflowId, activityId },
            'the worker before this one is gone: going on with its activity',
          );
          await client.activity.fail({ workflowId, runId, activityId }, failure);
        }
      }
    });
  } catch (error) {
    log.warn({ error: String(error) }, 'could not look for what the worker before this one held');
  }
}
