import type { Services } from '../services/daemon.ts';
import { needServer, say, withFeed, type Cli } from './cli.ts';

/** Starts what is missing of the services. Throws `NoServer` where the person has a server of their own that is silent. */
export async function serve(cli: Cli): Promise<Services> {
  const { bootstrap, services } = await cli.serviceControl();
  const before = await services({});
  // Workers for a server that does not answer would only pile up in the background.
  if (!before.embedded) await withFeed(cli, needServer);
  return bootstrap({ say: (text) => say(cli, text), folder: cli.cwd });
}
