// Prepared environments and data: `envs/<hash>/`, made once per machine and content of what goes in. Made in place,
// since the scripts of a Python environment name their own folder; whole only when `ready.json` is there.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { hashFolder, makeReadOnly, removeFolder, stampFolder } from './data-folder.ts';
import { commandEnvironment, networkEnvironment } from './environment.ts';
import { tryLock, waitForLock, type FileLock } from './file-lock.ts';
import { environmentOf, killAll, listProcesses } from './process-table.ts';
import { readReady, writeReady, type Ready } from './ready-note.ts';
import { runStep, type StepResult } from './run-step.ts';

/** What has to be prepared, and from what. */
export interface Preparation {
  readonly envsRoot: string;
  /** The task's `prepare`; without it data is an empty folder. */
  readonly prepare: { readonly run: string; readonly seconds: number } | undefined;
  /** What decides whether an earlier preparation can be used: hashes and paths of the files that `run` reads. */
  readonly inputs: readonly string[];
  /** Where `run` runs, relative to the checkout. */
  readonly cwd: string;
  /** Fills an empty folder with the repo's files. */
  readonly checkout: (folder: string) => Promise<void>;
  /** Where this package stands; the bundled task makes its data of it. */
  readonly packageRoot: string;
  /** Told what goes on, line by line. */
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal;
  readonly workerEnv?: NodeJS.ProcessEnv;
}

/** A prepared environment. Numbers of different data, which the note's hash tells apart, are never compared. */
export interface PreparedEnvironment extends Ready {
  readonly root: string;
  /** May be absent; its `bin` comes first in a command's PATH. */
  readonly env: string;
  /** Read-only. */
  readonly data: string;
}

/** Thrown when a task's `prepare` fails; its message has the command's last lines. */
export class PrepareFailed extends Error {
  override readonly name = 'PrepareFailed';
}

const SAID_LINES = 12;
const STEP = 'prepare ';
/** How the processes of a preparation are known, see run-step.ts; its folder follows. */
const PREPARES = `AUTORESEARCH_STEP=${STEP}`;

/**
 * Prepares a task's environment and data unless that is done already. Safe to call from any number of processes, and
 * again after one was killed in the middle: half a preparation is removed and made again.
 * @throws PrepareFailed, or the signal's reason.
 */
export async function ensurePrepared(preparation: Preparation): Promise<PreparedEnvironment> {
  const hash = hashOf(preparation);
  const root = join(preparation.envsRoot, hash);
  const folders = { root, env: join(root, 'env'), data: join(root, 'data') };
  const known = readReady(root);
  if (known !== undefined) return { ...folders, ...known };
  const lock = await takeLock(`${root}.lock`, preparation);
  try {
    const ready = readReady(root) ?? (await prepareFolder(preparation, folders));
    return { ...folders, ...ready };
  } finally {
    lock.release();
  }
}

/**
 * Ends what preparations of killed workers left running: their lock is free, and nobody waits for them. Returns their
 * folders.
 */
export async function endAbandonedPreparations(envsRoot: string): Promise<readonly string[]> {
  const entries = listProcesses().flatMap(({ pid }) => environmentOf(pid));
  const begins = `${PREPARES}${envsRoot}${sep}`;
  const running = entries.filter((entry) => entry.startsWith(begins));
  const ended: string[] = [];
  for (const root of new Set(running.map((entry) => entry.slice(PREPARES.length, entry.lastIndexOf(' in '))))) {
    // Anybody may write anything into the environment of a process of theirs.
    if (dirname(root) !== envsRoot || !/^[0-9a-f]{16}$/.test(basename(root))) continue;
    const lock = tryLock(`${root}.lock`);
    if (lock === undefined) continue;
    await killAll(({ pid }) => environmentOf(pid).some((entry) => entry.startsWith(`${PREPARES}${root} in `)), 0);
    lock.release();
    ended.push(root);
  }
  return ended;
}

function hashOf({ prepare, inputs }: Preparation): string {
  const ingredients = [prepare?.run ?? null, process.platform, process.arch, ...inputs];
  return createHash('sha256').update(JSON.stringify(ingredients)).digest('hex').slice(0, 16);
}

async function takeLock(path: string, { say, signal }: Preparation): Promise<FileLock> {
  const free = tryLock(path);
  if (free !== undefined) return free;
  say('another process prepares this environment; waiting for it');
  const lock = await waitForLock(path, signal ?? new AbortController().signal);
  if (lock === undefined) throw aborted();
  return lock;
}

type Folders = Pick<PreparedEnvironment, 'root' | 'env' | 'data'>;

async function prepareFolder(preparation: Preparation, folders: Folders): Promise<Ready> {
  const { prepare, checkout, say } = preparation;
  const { root, env, data } = folders;
  // A preparation whose worker was killed may still be writing here.
  await killAll((found) => found.carries([`AUTORESEARCH_ENV=${env}`]), 0);
  await removeFolder(root);
  mkdirSync(data, { recursive: true });
  if (prepare !== undefined) {
    const tree = join(root, 'checkout');
    mkdirSync(tree);
    await checkout(tree);
    await runPrepare(prepare, tree, preparation, folders);
    await rm(tree, { recursive: true, force: true });
  }
  say('hashing the data');
  const dataHash = await hashFolder(data);
  await makeReadOnly(data);
  const ready = { dataHash, stamp: await stampFolder(data), at: new Date().toISOString() };
  writeReady(root, ready);
  return ready;
}

async function runPrepare(
  prepare: { readonly run: string; readonly seconds: number },
  tree: string,
  preparation: Preparation,
  { root, env, data }: Folders,
): Promise<void> {
  const { workerEnv = process.env, packageRoot, cwd, signal } = preparation;
  const said: string[] = [];
  const onLine = (line: string): void => {
    said.push(line);
    if (said.length > SAID_LINES) said.shift();
    preparation.say(line);
  };
  const result = await runStep({
    id: `${STEP}${root}`,
    command: prepare.run,
    cwd: join(tree, cwd),
    env: {
      ...commandEnvironment({ workerEnv, env, home: join(root, 'home'), tmp: join(root, 'tmp') }),
      ...networkEnvironment(workerEnv),
      AUTORESEARCH_ENV: env,
      AUTORESEARCH_DATA: data,
      AUTORESEARCH_PACKAGE: packageRoot,
    },
    seconds: prepare.seconds,
    onLine,
    ...(signal !== undefined && { signal }),
  });
  if (result.aborted) throw aborted();
  if (result.code !== 0) throw new PrepareFailed(whyFailed(prepare, result, said));
}

function whyFailed(
  { run, seconds }: { readonly run: string; readonly seconds: number },
  result: StepResult,
  said: readonly string[],
): string {
  const how = result.timedOut
    ? `took longer than its ${seconds} s (\`prepare.seconds\`)`
    : `ended with ${result.signal ?? `code ${result.code ?? '?'}`} after ${Math.round(result.seconds)} s`;
  const words = said.length === 0 ? result.stderrTail.trim() || 'It printed nothing.' : said.join('\n');
  return `Expected the task's \`prepare\` command to end well, but \`${run}\` ${how}. Its last lines:\n${words}\n`;
}

const aborted = (): Error => new DOMException('The preparation was ended.', 'AbortError');
