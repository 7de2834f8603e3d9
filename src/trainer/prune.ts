// Clearing trials that are over: their folders go, their files (log, order, end) stay for people. An empty file says
// so before the first folder goes, so that what is half cleared is never taken for whole; a later look clears the rest.
// All under the trial's lock, which supervisors and scorers hold too.
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { folderName } from '../domain/names.ts';
import { removeFolder } from './data-folder.ts';
import { readJson } from './durable-file.ts';
import { tryLock, waitForLock } from './file-lock.ts';
import { killTrial } from './sweep.ts';
import { isLong, trimLog } from './trim-log.ts';
import { baselineBeside, directoryAt, readTicket, type TrialDirectory } from './trial-directory.ts';
import { exitSchema, trialSpecSchema, type Exit } from './trial-spec.ts';

/** A trial on this machine that has folders, or a long log. */
export interface StoredTrial {
  readonly directory: TrialDirectory;
  readonly experiment: number;
  /** Of its latest start; undefined when it was never started. */
  readonly ticket: string | undefined;
}

/** The trials of one session that have folders. */
export interface StoredSession {
  readonly session: string;
  readonly trials: readonly StoredTrial[];
}

/** Thrown when what a scorer needs is not here: the trial was cleared, or never ended here. It has to train again. */
export class OutputGone extends Error {
  override readonly name = 'OutputGone';
}

/** Whether a training left something to score; any other end stands without its output. */
const hasOutput = ({ reason, code }: Exit): boolean => reason === 'exited' && code === 0;

/** Every trial under `trialsRoot` that has folders, by session; what nobody can name a session for is left out. */
export async function storedSessions(trialsRoot: string): Promise<StoredSession[]> {
  const sessions: StoredSession[] = [];
  for (const name of await foldersIn(trialsRoot)) {
    const trials = await storedTrials(join(trialsRoot, name));
    const session = trials.map(sessionOf).find((one) => one !== undefined && folderName(one) === name);
    if (session !== undefined) sessions.push({ session, trials });
  }
  return sessions;
}

/** Clears a trial, unless it is in somebody's hands or was started again since it was looked at. Safe to repeat. */
export async function pruneTrial({ directory, ticket }: StoredTrial): Promise<boolean> {
  const lock = tryLock(directory.lock);
  if (lock === undefined) return false;
  try {
    if (readTicket(directory) !== ticket) return false;
    closeSync(openSync(directory.pruned, 'a')); // empty: it takes no block of a disk that is full
    // Links too, as what they are: a training may have put one in the place of its folder.
    for (const name of await clearable(directory.root)) await removeFolder(join(directory.root, name));
    // May stand elsewhere, see trial-directory.ts.
    for (const { tmp } of [directory, baselineBeside(directory)]) await removeFolder(tmp);
    trimLog(directory.log); // last: a disk that is full has room by now
    return true;
  } finally {
    lock.release();
  }
}

/**
 * Leaves nothing of a trial of this number that trained another commit: a session that went on from its ledger may give
 * a number again that a lost run of it had begun.
 */
export async function forgetIfOther(
  directory: TrialDirectory,
  { trial, commit }: { readonly trial: string; readonly commit: string },
  signal: AbortSignal,
): Promise<void> {
  const spec = readJson(directory.spec, trialSpecSchema);
  if (spec.status !== 'ok' || spec.value.commit === undefined || spec.value.commit === commit) return;
  if (spec.value.id !== trial) return; // no work of ours: whoever starts the trial moves it aside, and says so
  await killTrial(directory);
  const lock = await waitForLock(directory.lock, signal);
  if (lock === undefined) return;
  try {
    rmSync(directory.exit, { force: true }); // first: as long as the order stands, the rest is done again
    rmSync(directory.spec, { force: true });
  } finally {
    lock.release();
  }
}

/** Takes a cleared trial's end away when its output would be scored, so that it trains again; other ends stand. */
export async function forgetIfPruned(directory: TrialDirectory, signal: AbortSignal): Promise<void> {
  if (!existsSync(directory.pruned)) return;
  const lock = await waitForLock(directory.lock, signal);
  if (lock === undefined) return;
  try {
    const exit = readJson(directory.exit, exitSchema);
    // Asked again: whoever had the lock may have started the trial.
    if (existsSync(directory.pruned) && exit.status === 'ok' && hasOutput(exit.value)) rmSync(directory.exit);
  } finally {
    lock.release();
  }
}

// The supervisor ends within milliseconds of its `exit.json`. Whoever has the lock longer is another reader, who keeps
// clearers away as well.
const READ_PATIENCE_MS = 2000;

/** Reads a trial's output; nobody clears it meanwhile. Throws `OutputGone`, and what `read` throws. */
export async function withOutput<T>(directory: TrialDirectory, read: () => Promise<T>): Promise<T> {
  const lock = await waitForLock(directory.lock, AbortSignal.timeout(READ_PATIENCE_MS));
  try {
    if (!existsSync(directory.exit) || existsSync(directory.pruned))
      throw new OutputGone(`The output of the trial in ${directory.root} is gone; it is trained again.`);
    return await read();
  } finally {
    lock?.release();
  }
}

/** The trials in a session's folder of which there is something to clear. */
export async function storedTrials(folder: string): Promise<StoredTrial[]> {
  const trials: StoredTrial[] = [];
  for (const experiment of await numbersIn(folder)) {
    for (const trial of await foldersIn(join(folder, experiment))) {
      const directory = directoryAt(join(folder, experiment, trial));
      if ((await clearable(directory.root)).length === 0 && !isLong(directory.log)) continue;
      trials.push({ directory, experiment: Number(experiment), ticket: readTicket(directory) });
    }
  }
  return trials;
}

function sessionOf({ directory }: StoredTrial): string | undefined {
  const spec = readJson(directory.spec, trialSpecSchema);
  return spec.status === 'ok' ? spec.value.id.split('/').slice(0, -2).join('/') : undefined;
}

const numbersIn = async (path: string): Promise<string[]> =>
  (await foldersIn(path)).filter((name) => /^\d+$/.test(name));

const foldersIn = async (path: string): Promise<string[]> =>
  (await entriesOf(path)).filter((entry) => entry.isDirectory()).map(({ name }) => name);

const clearable = async (path: string): Promise<string[]> =>
  (await entriesOf(path)).filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);

/** What stands in a folder; nothing when it is not there yet or was removed meanwhile. */
const entriesOf = (path: string) => readdir(path, { withFileTypes: true }).catch(() => []);
