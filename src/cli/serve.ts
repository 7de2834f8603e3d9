import type { Services } from '../services/daemon.ts';
import { stateDirectory } from '../config.ts';
import type { SessionInput } from '../domain/session.ts';
import { needServer, say, withFeed, type Cli } from './cli.ts';

/**
 * Starts what is missing of the services. Throws `NoServer` where the person has a server of their own that is silent, and
 * `InvalidInput` where a control worker that would be started now, with this environment, could not do what is wanted.
 */
export async function serve(cli: Cli, wanted: SessionInput = {}): Promise<Services> {
  const { bootstrap, services } = await cli.serviceControl();
  const before = await services({});
  // Workers for a server that does not answer would only pile up in the background.
  if (!before.embedded) await withFeed(cli, needServer);
  if (!before.processes.some(({ name, alive }) => name === 'control-worker' && alive)) await needSettings(wanted);
  return bootstrap({ say: (text) => say(cli, text), folder: cli.cwd });
}

/** Before anything is created. Where workers are started by others (AUTORESEARCH_UP=off) theirs is another environment. */
async function needSettings(wanted: SessionInput): Promise<void> {
  if (process.env['AUTORESEARCH_UP'] === 'off') return;
  const { modelsIn, needModel } = await import('../models.ts');
  needModel(modelsIn(stateDirectory()), wanted);
}
