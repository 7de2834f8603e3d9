// Whether the person has a Temporal server of their own: TEMPORAL_ADDRESS, or a Temporal profile that names one.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the person's own server is. */
export type ExternalServer = { readonly address: string; readonly namespace: string };

const SETTINGS = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];

/** The server that the environment or a Temporal profile names; undefined when the embedded one is to be used. */
export async function externalServer(): Promise<ExternalServer | undefined> {
  const isSet = SETTINGS.some((name) => (process.env[name] ?? '') !== '');
  if (!isSet && !existsSync(profilePath())) return undefined;
  // Imported only here: it costs a sixth of a second, and most people have no profile.
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const { address } = connectionOptions;
  return address === undefined || address === '' ? undefined : { address, namespace: namespace ?? 'default' };
}

function profilePath(): string {
  const home = process.env['HOME'] ?? homedir();
  const base =
    process.platform === 'darwin'
      ? join(home, 'Library', 'Application Support')
      : (process.env['XDG_CONFIG_HOME'] ?? join(home, '.config'));
  return join(base, 'temporalio', 'temporal.toml');
}
