// What a coding agent sees: its tree, a HOME of its own that leads to its login, the environment that it needs, and of
// this machine's files all that are no secrets of others, to read.
import { copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { commandEnvironment, networkEnvironment, type Environment } from '../../trainer/environment.ts';
import type { View } from '../../trainer/sandbox-mounts.ts';
import { readablePaths } from '../../trainer/sandbox-tools.ts';
import type { TrialDirectory } from '../../trainer/trial-directory.ts';
import type { AgentPlace } from './place.ts';
import { isAgentVariable } from './variables.ts';

type WorkerEnvironment = Readonly<Record<string, string | undefined>>;

/** Logins, linked into the agent's HOME and writable: a login that renews itself must last. */
const LOGINS = ['.claude', '.codex', '.gemini', '.local/share/opencode'];
/** Settings, linked and only to read. */
const SETTINGS = ['.config/opencode', '.config/gcloud', '.config/git'];
/** Files that agents write anew, copied: what an agent sets is set for itself alone. */
const COPIED = ['.claude.json', '.gitconfig', '.aider.conf.yml', '.aider.model.settings.yml'];
/** In the logins' folders, what could run commands in the person's own sessions: only to read, where it is there. */
const GUARDED = [
  ...['settings.json', 'settings.local.json', 'CLAUDE.md', 'agents', 'commands', 'hooks', 'plugins', 'skills'].map(
    (name) => `.claude/${name}`,
  ),
  ...['config.toml', 'AGENTS.md', 'prompts', 'rules', 'skills'].map((name) => `.codex/${name}`),
  ...['settings.json', 'GEMINI.md', 'commands', 'extensions', 'trustedFolders.json'].map((name) => `.gemini/${name}`),
];
/** Keys to other places, and sockets through which this machine's person can be spoken for. */
const OTHERS_IN_HOME = [
  '.ssh',
  '.gnupg',
  '.netrc',
  '.git-credentials',
  '.config/gh',
  '.kube',
  '.docker',
  '.password-store',
];
const SOCKETS = ['/run/user', '/run/docker.sock', '/run/podman', '/run/containerd', '/run/dbus'];

const homeIn = (workerEnv: WorkerEnvironment): string | undefined => workerEnv['HOME'];

/** The environment: what may stand in a file, and what must not. */
export function agentEnvironment(
  place: AgentPlace,
  workerEnv: WorkerEnvironment,
  told: { readonly editable: readonly string[]; readonly model: string | undefined },
): { readonly env: Environment; readonly secrets: Environment } {
  const { home, tmp } = place.directory;
  const { XDG_CACHE_HOME: _theirs, ...network } = networkEnvironment(workerEnv);
  const own = Object.entries(workerEnv).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isAgentVariable(entry[0]),
  );
  return {
    env: {
      ...commandEnvironment({ workerEnv, home, tmp }),
      CUDA_VISIBLE_DEVICES: '', // a device is in use, and no agent's
      AUTORESEARCH_PROMPT: place.prompt,
      AUTORESEARCH_EDITABLE: told.editable.join('\n'),
      ...(told.model !== undefined && { AUTORESEARCH_MODEL: told.model }),
    },
    secrets: { ...network, ...Object.fromEntries(own) },
  };
}

/** Fills the agent's HOME, which is empty. */
export function furnishHome({ directory: { home } }: AgentPlace, workerEnv: WorkerEnvironment): void {
  const theirs = homeIn(workerEnv);
  if (theirs === undefined) return;
  for (const [names, put] of [
    [[...LOGINS, ...SETTINGS], symlinkSync],
    [COPIED, copyFileSync],
  ] as const)
    for (const name of names) {
      const [from, to] = [join(theirs, name), join(home, name)];
      if (!existsSync(from)) continue;
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      put(realpathSync(from), to);
    }
}

/** What the sandbox of a task's hook shows: as an agent's, without any login. */
export function hookView(
  { tree, home, tmp }: Pick<TrialDirectory, 'tree' | 'home' | 'tmp'>,
  workerEnv: WorkerEnvironment,
  state: string,
): View {
  const theirs = homeIn(workerEnv);
  const secrets = [...LOGINS, ...SETTINGS, ...COPIED, ...OTHERS_IN_HOME];
  return {
    read: [...programFolders(workerEnv), ...readablePaths(workerEnv)],
    write: [tree, home, tmp],
    hidden: [state, ...(theirs === undefined ? [] : secrets.map((name) => join(theirs, name))), ...SOCKETS],
  };
}

/** Of /tmp, which is the sandbox's own, only what holds programs or was shown on purpose. */
const programFolders = (workerEnv: WorkerEnvironment): string[] =>
  (workerEnv['PATH'] ?? '').split(delimiter).filter((path) => isAbsolute(path));

/** What the sandbox shows; of what is `hidden`, the state directory among it, there is only the agent's own. */
export function agentView(
  { directory, prompt }: AgentPlace,
  workerEnv: WorkerEnvironment,
  hidden: readonly string[],
): View {
  const theirs = homeIn(workerEnv);
  const inHome = (names: readonly string[]): string[] =>
    theirs === undefined ? [] : names.map((name) => join(theirs, name));
  const named = ['CLAUDE_CONFIG_DIR', 'CODEX_HOME']
    .map((name) => workerEnv[name] ?? '')
    .filter((path) => isAbsolute(path));
  const logins = [...inHome(LOGINS), ...named].filter((path) => existsSync(path)).map((path) => realpathSync(path));
  return {
    read: [prompt, ...inHome(GUARDED), ...inHome(SETTINGS), ...programFolders(workerEnv), ...readablePaths(workerEnv)],
    write: [directory.tree, directory.home, directory.tmp, ...logins],
    hidden: [...hidden, ...inHome(OTHERS_IN_HOME), ...SOCKETS],
  };
}
