// Where a trial lives on disk. Keyed by session, experiment and trial, never by attempt, so that whoever looks for
// a trial finds the same place.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { folderName } from '../domain/names.ts';

/** What names a trial. */
export interface TrialKey {
  readonly session: string;
  readonly experiment: number;
  /** A number, or of a coding agent's work the commit that it begins with. */
  readonly trial: number | string;
}

/** The paths of one trial. */
export interface TrialDirectory {
  readonly root: string;
  /** The candidate's files, without `.git`. */
  readonly tree: string;
  /** What training leaves for scoring. */
  readonly out: string;
  /** The command's HOME and TMPDIR, empty at its start. */
  readonly home: string;
  readonly tmp: string;
  readonly log: string;
  readonly spec: string;
  readonly pid: string;
  readonly exit: string;
  readonly progress: string;
  /** What was found of the output before it was scored. */
  readonly found: string;
  /** A file whose presence says that the data was changed while the trial ran. */
  readonly spoiled: string;
  /** A file whose presence asks the supervisor to stop. */
  readonly stop: string;
  /** Which start is the current one: a supervisor of an older start leaves. */
  readonly ticket: string;
  /** A file whose presence says that the folders were cleared, or are about to be: see prune.ts. */
  readonly pruned: string;
  /** Held by whoever cleans, prepares, trains, scores or clears. */
  readonly lock: string;
  readonly supervisorLog: string;
}

/** The id of a trial, as `spec.json`, `AUTORESEARCH_TRIAL` and messages have it. */
export const trialId = (key: TrialKey): string => `${key.session}/${key.experiment}/${key.trial}`;

/** The directory of a trial, by its real path, there or not. */
export function trialDirectory(trialsRoot: string, key: TrialKey): TrialDirectory {
  return directoryAt(join(realPath(trialsRoot), folderName(key.session), String(key.experiment), String(key.trial)));
}

/** The trial of an experiment whose log was written to last, on this machine; null where there is none. */
export function lastTrial(trialsRoot: string, key: Omit<TrialKey, 'trial'>): number | null {
  const { root } = trialDirectory(trialsRoot, { ...key, trial: 1 });
  const names = existsSync(dirname(root)) ? readdirSync(dirname(root)).filter((name) => /^\d+$/.test(name)) : [];
  const written = names.map(Number).map((trial) => {
    const { log } = trialDirectory(trialsRoot, { ...key, trial });
    return { trial, at: statSync(log, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  return written.toSorted((one, other) => one.at - other.at || one.trial - other.trial).at(-1)?.trial ?? null;
}

// A state directory may be reached through a link; processes are found by the path that they were told.
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(resolve(path));
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

/** The same, by the folder's own path. */
export function directoryAt(root: string): TrialDirectory {
  const at = (name: string): string => join(root, name);
  return {
    root,
    tree: at('tree'),
    out: at('out'),
    home: at('home'),
    tmp: shortened(at('tmp')),
    log: at('train.log'),
    spec: at('spec.json'),
    pid: at('pid.json'),
    exit: at('exit.json'),
    progress: at('progress.json'),
    found: at('found.json'),
    spoiled: at('spoiled'),
    stop: at('stop'),
    ticket: at('ticket'),
    pruned: at('pruned'),
    lock: at('lock'),
    supervisorLog: at('supervisor.log'),
  };
}

/** Where the baseline stands that is measured beside a trial; a folder of the trial's, gone once it is scored. */
export const baselineBeside = ({ root }: Pick<TrialDirectory, 'root'>): TrialDirectory =>
  directoryAt(join(root, 'baseline'));

// A Unix socket's path may have 107 bytes, and Python's multiprocessing appends 33 to TMPDIR.
const LONGEST_TMP = 70;

function shortened(path: string): string {
  if (Buffer.byteLength(path) <= LONGEST_TMP) return path;
  const key = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join(tmpdir(), `autoresearch-${userInfo().uid}-${key}`);
}

/** The folder that all trials of this state directory stand in. */
export const trialsRootOf = (directory: TrialDirectory): string => dirname(dirname(dirname(directory.root)));

/** Removes what an earlier start left. Only the holder of the trial's lock may call it; the lock itself stays. */
export async function cleanDirectory(directory: TrialDirectory): Promise<void> {
  const { exit, pid, stop, progress, found, spoiled, log, spec, ticket, pruned, tree, out, home, tmp } = directory;
  for (const path of [exit, pid, stop, progress, found, spoiled, log, spec, ticket, pruned, `${exit}.reserved`])
    await rm(path, { force: true });
  for (const folder of [tree, out, home, tmp]) {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

/** Removes what only the running command needs; the tree, the output and the log stay for scoring and for people. */
export async function removeScratch({ home, tmp }: TrialDirectory): Promise<void> {
  for (const folder of [home, tmp]) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

/** The ticket of the current start; undefined when nothing was started. */
export function readTicket(directory: TrialDirectory): string | undefined {
  try {
    return readFileSync(directory.ticket, 'utf8');
  } catch {
    return undefined;
  }
}
