import type { Services } from '../services/daemon.ts';
import { stateDirectory } from '../config.ts';
import type { SessionInput } from '../domain/session.ts';
import { needServer, say, withFeed, type Cli } from './cli.ts';

/**
 * Starts what is missing of the services. Throws `NoServer` where the person has a server of their own that is silent, and
 * `InvalidInput` where a control worker that would be started now, with this environment, could not do what is wanted, or
 * where the one that runs has no key for it. That one is left as it is: its environment may be what other sessions need.
 */
export async function serve(cli: Cli, wanted: SessionInput = {}): Promise<Services> {
  const { bootstrap, services } = await cli.serviceControl();
  const before = await services({});
  // Workers for a server that does not answer would only pile up in the background.
  if (!before.embedded) await withFeed(cli, needServer);
  const running = before.processes.find(({ name, alive }) => name === 'control-worker' && alive);
  if (running === undefined) await needSettings(wanted);
  else if (running.hasKey === false) await needNoKey(cli, wanted);
  return bootstrap({ say: (text) => say(cli, text), folder: cli.cwd });
}

/** Before anything is created. Where workers are started by others (AUTORESEARCH_UP=off) theirs is another environment. */
async function needSettings(wanted: SessionInput): Promise<void> {
  if (process.env['AUTORESEARCH_UP'] === 'off') return;
  const { modelsIn, needModel } = await import('../models.ts');
  needModel(modelsIn(stateDirectory()), wanted);
}

/** Of a control worker without a key; which agents there are, and what things cost, it knows better than this shell. */
async function needNoKey(cli: Cli, wanted: SessionInput): Promise<void> {
  const { modelsIn, needKey } = await import('../models.ts');
  const { withoutKeys } = await import('../proposer/model/access.ts');
  needKey(modelsIn(stateDirectory(), withoutKeys(process.env)), wanted);
  if (wanted.proposer !== undefined || typeof modelsIn(stateDirectory()).ask === 'string') return;
  say(
    cli,
    'The control worker was started without a key, and this shell has one: `search` proposes. For a model: `npx autoresearch down`, then start again.',
  );
}
