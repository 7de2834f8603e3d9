// The one way that this program starts git: a clean environment, an identity (a new home has none), no prompt, no
// optional lock (a `status` must not rewrite a person's index), stable English messages. And in that folder alone: of a
// home clone that is damaged and lies inside a person's repo, git would find theirs, and write into it.
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { GIT, MachineNotReady, NONE_ON_PATH, lacking } from '../machine.ts';
import { collect, type Collected } from './collect.ts';

/** What a call may add. */
export interface GitOptions {
  /** Bytes for stdin. */
  readonly input?: string | Uint8Array;
  /** Added to the clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Descriptor of the writer lock: git inherits it, so that the lock outlives a holder whose git is still writing. */
  readonly lock?: number;
  /** Kill git after so many seconds. */
  readonly timeoutSeconds?: number;
  /** The folder may lie anywhere in its repo: git looks for that above it too. */
  readonly above?: true;
}

/** Thrown when git fails: `command`, `exitCode` (undefined when it did not start or was killed), `stdout`, `stderr`, and where it ran. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly command: string;
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly directory: string;

  constructor(directory: string, args: readonly string[], { exitCode, stdout, stderr, problem }: Collected) {
    const command = withoutPassword(['git', ...args].join(' '));
    const how = problem ?? `failed (exit ${exitCode})`;
    super(`${command} ${[how, oneSentence(withoutPassword(stderr))].filter((part) => part !== '').join(': ')}`);
    this.directory = directory;
    this.command = command;
    this.exitCode = exitCode;
    this.stdout = stdout.toString('utf8');
    this.stderr = withoutPassword(stderr.trim());
  }
}

/** Who writes our commits, wherever they are written: a second run must find the same SHA. */
export const IDENTITY = { name: 'autoresearch', email: 'autoresearch@localhost' };

// Enough to find git, the person's credentials and their proxy; nothing that could carry a key of the worker.
const PASSED_ON = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'TMPDIR', 'SSH_AUTH_SOCK', 'GIT_SSH_COMMAND'];
const PROXIES = ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'all_proxy', 'no_proxy', 'NO_PROXY'];

/**
 * Runs git in `directory` (a work tree or a bare clone) and returns its stdout without the last newline. Throws
 * `GitError`, and `MachineNotReady` where there is no git.
 */
export async function git(directory: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const bytes = await gitBytes(directory, args, options);
  return bytes.toString('utf8').replace(/\n$/, '');
}

/** Runs git in `directory` and returns its stdout as it is, byte for byte. */
export async function gitBytes(directory: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  return (await run(directory, args, options)).stdout;
}

/** Runs git in `directory` and returns also what it warned of. */
export async function gitSaying(
  directory: string,
  args: readonly string[],
): Promise<{ readonly text: string; readonly warnings: string }> {
  const { stdout, stderr } = await run(directory, args, {});
  return { text: stdout.toString('utf8').replace(/\n$/, ''), warnings: stderr };
}

async function run(
  directory: string,
  args: readonly string[],
  { input, env, lock, timeoutSeconds, above }: GitOptions,
): Promise<Collected> {
  // Bare clones are ours and named outright; a person's `safe.bareRepository=explicit` is not about them.
  const ended = await collect('git', ['-c', 'safe.bareRepository=all', ...args], {
    cwd: directory,
    env: { ...gitEnvironment(), ...(above === true ? {} : thisFolderAlone(directory)), ...env },
    ...(input === undefined ? {} : { input }),
    ...(lock === undefined ? {} : { descriptor: lock }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  });
  if (ended.exitCode === 0 && ended.problem === undefined) return ended;
  if (ended.absent) throw new MachineNotReady(lacking(GIT, NONE_ON_PATH));
  throw new GitError(directory, args, ended);
}

/** The environment of every git process. */
export function gitEnvironment(): Record<string, string> {
  const passedOn = [...PASSED_ON, ...PROXIES].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1', // a path is a path, also with a star or a colon in its name
    GIT_AUTHOR_NAME: IDENTITY.name,
    GIT_AUTHOR_EMAIL: IDENTITY.email,
    GIT_COMMITTER_NAME: IDENTITY.name,
    GIT_COMMITTER_EMAIL: IDENTITY.email,
  };
}

/** Keeps git from looking for a repo above a folder; git never leaves out the folder that it runs in. */
export function thisFolderAlone(directory: string): Record<string, string> {
  return { GIT_CEILING_DIRECTORIES: dirname(realPath(directory)) };
}

function realPath(path: string): string {
  try {
    return realpathSync(path); // git compares with where it truly runs
  } catch {
    return resolve(path); // git will say that it is not there
  }
}

/** Several lines of git's stderr as one line, without the `fatal:` and `error:` in front. */
export function oneSentence(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^(fatal|error|warning|remote|hint): */, '').trim())
    .filter((line) => line !== '')
    .join(' ');
}

/** A text in which the credentials of every URL are starred out. */
export function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/)[^/@\s]+@/g, '$1***@');
}
