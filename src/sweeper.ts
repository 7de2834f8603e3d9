// Kills trainings that no open session wants: their session was cancelled or terminated while no worker lived to
// hear of it, or this machine was away for so long that another one has the trial; and preparations of killed workers. What only the server knows is asked
// of it; while it does not answer, nothing is killed. Beside that it clears what sessions no longer need, see pruner.ts.
import { existsSync, realpathSync } from 'node:fs';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { StateDirectory } from './config.ts';
import { createPruner } from './pruner.ts';
import { lanesOf, type StatusReport } from './domain/report.ts';
import type { ServerIdentity } from './server-identity.ts';
import { clearTree } from './proposer/agent/place.ts';
import { progressOf, UnknownSession, type Beat } from './session-workflow.ts';
import { endAbandonedPreparations } from './trainer/environment-store.ts';
import { killTrial, liveTrials } from './trainer/sweep.ts';

/** On start and this often. */
const SWEEP_MS = 30_000;

/** What goes on until it is stopped. */
export interface Sweeper {
  /** Clears now what no session needs any more. */
  readonly makeRoom: () => Promise<void>;
  readonly stop: () => void;
}

/** Sweeps until stopped. */
export function sweepForever(deps: {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly state: StateDirectory;
  readonly log: Logger;
  readonly server: ServerIdentity;
  readonly hostId: string;
}): Sweeper {
  const client = new Client({ connection: deps.connection, namespace: deps.namespace });
  // A trial's processes and folders are known by its real path.
  const trials = realpathSync(deps.state.trials);
  const sweep = async (): Promise<void> => {
    for (const { directory, trial } of liveTrials(trials)) {
      // Another state directory's server on our port knows none of our sessions: its "unknown" means nothing.
      if ((await isWanted(client, trial, deps.hostId)) || !(await deps.server.isSame())) continue;
      deps.log.warn({ trial }, 'no open session wants this trial here: ending it');
      await killTrial(directory, undefined, (text) => deps.log.warn({ trial }, text));
    }
    for (const folder of await endAbandonedPreparations(deps.state.envs))
      deps.log.warn({ folder }, 'a preparation whose worker was killed went on: ended');
  };
  const makeRoom = createPruner({ ...deps, trials, client });
  const rounds = [
    onceAtATime(sweep, (error) => deps.log.warn({ error: String(error) }, 'sweep failed')),
    onceAtATime(makeRoom, (error) => deps.log.warn({ error: String(error) }, 'clearing of outputs failed')),
  ];
  const run = (): void => {
    for (const round of rounds) round();
  };
  run();
  const timer = setInterval(run, SWEEP_MS);
  return { makeRoom, stop: () => clearInterval(timer) };
}

/**
 * The same for coding agents, on the control worker: one whose session is over, or asks for no proposal, is ended. Goes
 * on for as long as the process does.
 */
export function sweepAgentsForever(deps: {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly state: StateDirectory;
  readonly log: Logger;
  readonly server: ServerIdentity;
}): void {
  const client = new Client({ connection: deps.connection, namespace: deps.namespace });
  const { proposals } = deps.state;
  const sweep = async (): Promise<void> => {
    if (!existsSync(proposals)) return;
    for (const { directory, trial } of liveTrials(realpathSync(proposals))) {
      if ((await isProposing(client, sessionOf(trial))) || !(await deps.server.isSame())) continue;
      deps.log.warn({ agent: trial }, 'no open session wants this agent: ending it');
      await killTrial(directory, undefined, (text) => deps.log.warn({ agent: trial }, text));
      clearTree({ directory });
    }
  };
  const run = onceAtATime(sweep, (error) => deps.log.warn({ error: String(error) }, 'sweep of agents failed'));
  run();
  setInterval(run, SWEEP_MS).unref();
}

const sessionOf = (trial: string): string => trial.split('/').slice(0, -2).join('/');

/** As with trainings, an outage is no answer. */
async function isProposing(client: Client, session: string): Promise<boolean> {
  const handle = client.workflow.getHandle(session);
  try {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return false;
    return (await progressOf(handle, session)).some(({ activity }) => activity === 'propose');
  } catch (error) {
    return !(error instanceof WorkflowNotFoundError || error instanceof UnknownSession);
  }
}

/** A round that is still under way when the next is due goes on; the next is left out. */
function onceAtATime(round: () => Promise<void>, onTrouble: (error: unknown) => void): () => void {
  let busy = false;
  return () => {
    if (busy) return;
    busy = true;
    void round()
      .catch(onTrouble)
      .finally(() => {
        busy = false;
      });
  };
}

/** Only a server that answers "closed", "unknown" or "elsewhere" makes a training unwanted; an outage is no answer. */
async function isWanted(client: Client, trial: string, hostId: string): Promise<boolean> {
  const handle = client.workflow.getHandle(sessionOf(trial));
  try {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return false;
    const report = await handle.query<StatusReport>('status');
    const beats = (await progressOf(handle, report.session)).flatMap(({ beat }) => beat ?? []);
    return wantsTrial(report, beats, { trial, hostId });
  } catch (error) {
    return !(error instanceof WorkflowNotFoundError);
  }
}

/** Whether a session that says this of itself, and has these trials in hand, wants a trial `<session>/<e>/<t>` of this host. */
export function wantsTrial(
  report: Pick<StatusReport, 'session' | 'running' | 'lanes' | 'parallel'>,
  beats: readonly Pick<Beat, 'trial' | 'hostId'>[],
  { trial, hostId }: { readonly trial: string; readonly hostId: string },
): boolean {
  const lanes = lanesOf(report);
  const isRun = lanes.some(({ experiment, trial: number }) => `${report.session}/${experiment}/${number}` === trial);
  if (!isRun) return lanes.length < (report.parallel ?? 1); // a lane may be about to ask for this one
  const own = trial.split('/').slice(-2).join('/');
  const hosts = beats.filter((beat) => (beat.trial ?? own) === own).map((beat) => beat.hostId);
  return hosts.length === 0 || hosts.includes(hostId);
}
