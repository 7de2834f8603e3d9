// What the environment and a Temporal profile say of a server: the one place that reads them.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InvalidInput } from '../domain/invalid-input.ts';

/** The file of a person's Temporal profiles, whether or not it is there. */
export function profilePath(): string {
  const named = process.env['TEMPORAL_CONFIG_FILE'] ?? '';
  if (named !== '') return named;
  const home = process.env['HOME'] ?? homedir();
  const base =
    process.platform === 'darwin'
      ? join(home, 'Library', 'Application Support')
      : (process.env['XDG_CONFIG_HOME'] ?? join(home, '.config'));
  return join(base, 'temporalio', 'temporal.toml');
}

/** Address, namespace and credentials as Temporal's own tools read them; throws `InvalidInput`, naming the file. */
export async function temporalProfile() {
  // Imported only here: it costs a sixth of a second, and most people have no profile.
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  try {
    // A variable that is set to nothing is not set.
    const set = Object.entries(process.env).filter((one): one is [string, string] => (one[1] ?? '') !== '');
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).trim().split('\n')[0] ?? '';
    throw new InvalidInput(
      `Expected ${profilePath()} and TEMPORAL_* to be a Temporal profile, got: ${why}; mend or remove the file.`,
    );
  }
}
