// Which repos may run commands on this machine, and which commands may propose: those that its person has named. A dev server lets any local page start
// a session, so the list is kept beside the state, readable by this person alone, and not in anything Temporal carries.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { prepareStateDirectory, type StateDirectory } from '../config.ts';
import { waitForLock } from '../trainer/file-lock.ts';

const listSchema = z.array(z.string());

/** Whether the person has allowed sessions to run commands out of this repo; `origin` as `resolveRepo` gives it. */
export function isAllowed(directory: StateDirectory, origin: string): boolean {
  return allowedRepos(directory).includes(origin);
}

/** Thrown when the list is damaged; the text names the file and says what to do. */
export class DamagedAllowList extends Error {
  override readonly name = 'DamagedAllowList';
}

/** The allowed repos, as they were named. Throws `DamagedAllowList`: nothing is allowed by guessing. */
export function allowedRepos(directory: StateDirectory): readonly string[] {
  const text = readIfThere(directory.allowed);
  if (text === undefined) return [];
  const list = listSchema.safeParse(jsonOf(text));
  if (list.success) return list.data;
  throw new DamagedAllowList(
    `Expected ${directory.allowed} to be a list of repos, got ${JSON.stringify(text.slice(0, 60))}; mend or remove it, then allow each repo again.`,
  );
}

/** Allows a repo on this machine; `origin` as `resolveRepo` gives it. False when it was allowed already. */
export async function allowRepo(directory: StateDirectory, origin: string): Promise<boolean> {
  if (isAllowed(directory, origin)) return false;
  prepareStateDirectory(directory);
  const lock = await waitForLock(`${directory.allowed}.lock`, new AbortController().signal);
  try {
    const list = allowedRepos(directory);
    if (list.includes(origin)) return false;
    writeWhole(directory.allowed, [...list, origin]);
    return true;
  } finally {
    lock?.release();
  }
}

/** A command line stands among the repos under a name that no repo has. */
const entryOf = (command: string): string => `command: ${command.trim()}`;

/** Whether the person has allowed sessions to propose by this command line. */
export const isCommandAllowed = (directory: StateDirectory, command: string): boolean =>
  isAllowed(directory, entryOf(command));

/** Allows a session's command on this machine. False when it was allowed already. */
export const allowCommand = (directory: StateDirectory, command: string): Promise<boolean> =>
  allowRepo(directory, entryOf(command));

function writeWhole(path: string, list: readonly string[]): void {
  const mine = `${path}.${process.pid}`;
  try {
    writeFileSync(mine, `${JSON.stringify(list, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(mine, path);
  } finally {
    rmSync(mine, { force: true });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (z.object({ code: z.literal('ENOENT') }).safeParse(error).success) return undefined;
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
