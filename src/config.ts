// Where this program keeps its things on this machine, and who this machine's control worker is.
// Paths are pure functions of the environment; only prepareStateDirectory and homeId touch the disk.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { InvalidInput } from './domain/invalid-input.ts';
import { writeOnce } from './write-once.ts';

/** Absolute paths of everything that outlives a process of ours. */
export type StateDirectory = {
  readonly root: string;
  /** Temporal's database and the pinned command line. */
  readonly server: string;
  readonly repos: string;
  readonly trials: string;
  /** Trees that stand ready for the next training. */
  readonly spares: string;
  /** What models were asked, and what they answered. */
  readonly proposals: string;
  readonly envs: string;
  readonly keys: string;
  readonly logs: string;
  /** The file that says which services run and on which ports. */
  readonly services: string;
  /** The file with the repos that this machine's person has allowed. */
  readonly allowed: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The paths in the state directory: AUTORESEARCH_HOME, else XDG_STATE_HOME, else ~/.local/state. Touches nothing. */
export function stateDirectory(environment: Environment = process.env): StateDirectory {
  const root = stateRoot(environment);
  return {
    root,
    server: join(root, 'server'),
    repos: join(root, 'repos'),
    trials: join(root, 'trials'),
    spares: join(root, 'spares'),
    proposals: join(root, 'proposals'),
    envs: join(root, 'envs'),
    keys: join(root, 'keys'),
    logs: join(root, 'logs'),
    services: join(root, 'services.json'),
    allowed: join(root, 'allowed.json'),
  };
}

function stateRoot(environment: Environment): string {
  const own = environment['AUTORESEARCH_HOME'];
  if (own !== undefined && own !== '') return resolve(own);
  const xdg = environment['XDG_STATE_HOME'];
  // The XDG specification: a relative path there is invalid and is to be ignored.
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'autoresearch');
  return join(environment['HOME'] ?? homedir(), '.local', 'state', 'autoresearch');
}

/**
 * AUTORESEARCH_HOST_LOST_SECONDS: how long sessions that begin here wait for a host that has a trial and is silent,
 * before they train it elsewhere. Undefined when unset; throws `InvalidInput`.
 */
export function hostLostSeconds(environment: Environment = process.env): number | undefined {
  const text = environment['AUTORESEARCH_HOST_LOST_SECONDS'] ?? '';
  if (text === '') return undefined;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1) return seconds;
  throw new InvalidInput(
    `Expected AUTORESEARCH_HOST_LOST_SECONDS to be a whole number of seconds from 1, got ${JSON.stringify(text)}.`,
  );
}

/** AUTORESEARCH_DEVICES: which devices of this machine train, `gpu0,gpu2` or `cpu0,cpu1`; undefined: all GPUs, else the CPU. */
export function devicesWanted(environment: Environment = process.env): string | undefined {
  const text = environment['AUTORESEARCH_DEVICES'] ?? '';
  return text === '' ? undefined : text;
}

/**
 * Makes the state directory and its folders, readable by this person alone. Safe to repeat.
 * Throws a StateDirectoryUnusable where it cannot be made, belongs to somebody else, is read-only or full.
 */
export function prepareStateDirectory(directory: StateDirectory = stateDirectory()): StateDirectory {
  const { root, server, repos, trials, envs, keys, logs } = directory;
  try {
    makeFolder(root);
    needUsable(root); // before anything of ours is in it
    for (const folder of [server, repos, trials, envs, keys, logs]) makeFolder(folder);
  } catch (error) {
    throw asUnusable(root, error);
  }
  return directory;
}

/** Throws `StateDirectoryUnusable` unless a folder is this person's and can be written to. Leaves nothing in it. */
export function needUsable(root: string): void {
  try {
    const { uid } = statSync(root);
    const self = process.getuid?.();
    if (self !== undefined && uid !== self)
      throw new StateDirectoryUnusable(root, `to belong to you (user ${self}), but it belongs to user ${uid}`);
    const probe = join(root, `.probe-${process.pid}-${randomBytes(4).toString('hex')}`);
    try {
      writeFileSync(probe, 'can something be written here?');
    } finally {
      rmSync(probe, { force: true });
    }
  } catch (error) {
    throw asUnusable(root, error);
  }
}

function asUnusable(root: string, error: unknown): StateDirectoryUnusable {
  if (error instanceof StateDirectoryUnusable) return error;
  return new StateDirectoryUnusable(root, `to be a folder that can be written to, got ${reasonOf(error)}`, error);
}

/**
 * Makes a folder and those above it, for this person alone. Not by `recursive: true`: Node then loops for ever below a
 * folder such as /proc, where mkdir answers ENOENT, and says ENOENT of a file system that is read-only.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(path)) throw error; // else another process was faster
  }
}

/** Thrown when the state directory cannot be used; the text names the folder and what to do. */
export class StateDirectoryUnusable extends Error {
  override readonly name = 'StateDirectoryUnusable';
  /** What is wrong, without what to do. */
  readonly problem: string;

  constructor(root: string, expectation: string, cause?: unknown) {
    super(
      `Expected the state directory ${root} ${expectation}; mend that, or set AUTORESEARCH_HOME to a folder of your own.`,
      { cause },
    );
    this.problem = `expected ${root} ${expectation}`;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'a read-only file system',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOSPC: 'a full disk',
  EDQUOT: 'a used-up disk quota',
  ENOTDIR: 'a file in the place of a folder',
  EEXIST: 'a file in the place of a folder',
};

function reasonOf(error: unknown): string {
  const parsed = z.object({ code: z.string() }).safeParse(error);
  if (!parsed.success) return String(error);
  return REASONS[parsed.data.code] ?? parsed.data.code;
}

/** The id of this state directory, made at random once; names the queue of the control worker that owns its clones. */
export function homeId(directory: StateDirectory = stateDirectory()): string {
  const path = join(directory.root, 'home-id');
  if (!existsSync(path)) prepareStateDirectory(directory);
  const id = writeOnce(path, () => `${randomBytes(8).toString('hex')}\n`)
    .toString('utf8')
    .trim();
  if (!/^[0-9a-f]{16}$/.test(id))
    throw new Error(
      `Expected ${path} to hold 16 hexadecimal digits, got ${JSON.stringify(id.slice(0, 40))}; restore it, or remove it if no session is to go on.`,
    );
  return id;
}

/** The folder of this package (where its package.json is), both from the sources and from dist/. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`Expected a package.json above ${fileURLToPath(import.meta.url)}; install again.`);
    folder = parent;
  }
  return folder;
}

/** The version in this package's package.json. */
export function packageVersion(): string {
  const path = join(packageRoot(), 'package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).version;
}
