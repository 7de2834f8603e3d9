// Kills trainings that no open session wants: their session was cancelled or terminated while no worker lived to
// hear of it. What only the server knows is asked of it; while it does not answer, nothing is killed.
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ServerIdentity } from './server-identity.ts';
import { killTrial, liveTrials } from './trainer/sweep.ts';

/** On start and this often. */
const SWEEP_MS = 30_000;

/** Sweeps until stopped. */
export function sweepForever(deps: {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly trials: string;
  readonly log: Logger;
  readonly server: ServerIdentity;
}): { readonly stop: () => void } {
  const client = new Client({ connection: deps.connection, namespace: deps.namespace });
  const sweep = async (): Promise<void> => {
    for (const { directory, trial } of liveTrials(deps.trials)) {
      const session = trial.split('/').slice(0, -2).join('/');
      // Another state directory's server on our port knows none of our sessions: its "unknown" means nothing.
      if ((await isWanted(client, session)) || !(await deps.server.isSame())) continue;
      deps.log.warn({ trial }, 'no open session wants this training: ending it');
      await killTrial(directory);
    }
  };
  const run = (): void =>
    void sweep().catch((error: unknown) => deps.log.warn({ error: String(error) }, 'sweep failed'));
  run();
  const timer = setInterval(run, SWEEP_MS);
  return { stop: () => clearInterval(timer) };
}

/** Only a server that answers "closed" or "unknown" makes a training unwanted; an outage is no answer. */
async function isWanted(client: Client, session: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(session).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    return !(error instanceof WorkflowNotFoundError);
  }
}
