// What units give to the services: what they would have had from the shell of the person who installs them, because a
// user manager's own environment knows neither its PATH nor which GPUs are to be used.
import { commandEnvironment, networkEnvironment } from '../trainer/environment.ts';

const OURS = ['DEVICES', 'HOST_LOST_SECONDS', 'READABLE', 'AGENT_SECONDS'].map((name) => `AUTORESEARCH_${name}`);
const NAMES = ['PATH', 'XDG_CONFIG_HOME', 'OMP_NUM_THREADS', ...OURS];
/** Which model is asked where, and what that costs; the key is not among them. */
const MODEL_NAMES = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL', 'AUTORESEARCH_PRICES'];
/** Which Temporal server. */
const TEMPORAL = /^TEMPORAL_/;
/** By what servers know the person. A unit is a file, and a key does not get into one without being asked. */
const SECRET = /^(TEMPORAL|ANTHROPIC)_.*(API_KEY|_DATA$|_META_|_AUTH)/;

/** The settings for units, in order of their names, and the names of the secret ones, which are left out. */
export function unitEnvironment(
  shell: NodeJS.ProcessEnv,
  root: string,
): { readonly environment: Readonly<Record<string, string>>; readonly leftOut: readonly string[] } {
  const nowhere = '/dev/null';
  const forCommands = commandEnvironment({ workerEnv: shell, env: nowhere, home: nowhere, tmp: nowhere });
  const { HOME: _home, TMPDIR: _tmp, ...allowed } = { ...forCommands, ...networkEnvironment(shell) };
  const isGiven = (name: string): boolean =>
    [...NAMES, ...MODEL_NAMES].includes(name) || name in allowed || (TEMPORAL.test(name) && !isSecret(name));
  const set = Object.entries(shell).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const given = [...set.filter(([name]) => isGiven(name)), ['AUTORESEARCH_HOME', root] as const];
  return {
    environment: Object.fromEntries(given.toSorted(([one], [other]) => (one < other ? -1 : 1))),
    leftOut: set.map(([name]) => name).filter(isSecret),
  };
}

const isSecret = (name: string): boolean => SECRET.test(name);
