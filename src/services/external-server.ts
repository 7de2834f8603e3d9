// Whether the person has a Temporal server of their own: TEMPORAL_ADDRESS, or a Temporal profile that names one.
import { existsSync } from 'node:fs';
import { profilePath, temporalProfile } from './temporal-profile.ts';

/** Where the person's own server is. */
export type ExternalServer = { readonly address: string; readonly namespace: string };

const SETTINGS = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];

/** The server that the environment or a Temporal profile names; undefined when the embedded one is to be used. */
export async function externalServer(): Promise<ExternalServer | undefined> {
  const isSet = SETTINGS.some((name) => (process.env[name] ?? '') !== '');
  if (!isSet && !existsSync(profilePath())) return undefined;
  const { connectionOptions, namespace } = await temporalProfile();
  const { address } = connectionOptions;
  return address === undefined ? undefined : { address, namespace: namespace ?? 'default' };
}
