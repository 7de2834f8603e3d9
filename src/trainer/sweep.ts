// Which trials live on this machine, and the end of one that nobody wants any more.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderName } from '../domain/names.ts';
import { readJson } from './durable-file.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { environmentOf, listProcesses, send } from './process-table.ts';
import { OUTPUT, outputMarkers } from './training.ts';
import { directoryAt, type TrialDirectory } from './trial-directory.ts';
import { killTraining, readSpec, type Say } from './trial-state.ts';
import { pidNoteSchema, trialSpecSchema, type PidNote } from './trial-spec.ts';

/** A trial with a live supervisor or live processes: of its training, of its scorer, of a check. */
export interface LiveTrial {
  readonly directory: TrialDirectory;
  /** `<session>/<experiment>/<trial>` */
  readonly trial: string;
}

// The supervisor looks for the stop file five times a second, drains and writes the end after the kill.
const MARGIN_SECONDS = 5;
/** Of a trial whose order cannot be read. */
const GRACE_SECONDS = 10;
const POLL_MS = 50;

/** Every live trial under `trialsRoot`. Reads only; what its files cannot say is told by its processes, or by its path. */
export function liveTrials(trialsRoot: string): LiveTrial[] {
  const byOutput = new Map<string, string[][]>();
  for (const entries of listProcesses().map(({ pid }) => environmentOf(pid)))
    for (const entry of new Set(entries.filter((one) => one.startsWith(OUTPUT))))
      byOutput.set(entry, [...(byOutput.get(entry) ?? []), entries]);
  return roots(trialsRoot).flatMap((root) => {
    const directory = directoryAt(root);
    const note = readNote(directory);
    const processes = outputMarkers(directory).flatMap((marker) => byOutput.get(marker) ?? []);
    const lives = processes.length > 0 || (note !== undefined && isAlive(note.supervisor));
    return lives ? [{ directory, trial: nameOf(directory, note, processes) }] : [];
  });
}

/**
 * Ends a trial: asks its supervisor, then kills what did not end in time, scorers too. Returns when nothing of it lives.
 * An order that cannot be read keeps nothing alive: it is moved aside, which `say` is told.
 * `launched` is a supervisor that may not have written `pid.json` yet.
 */
export async function killTrial(
  directory: TrialDirectory,
  launched?: ProcessIdentity,
  say: Say = () => undefined,
): Promise<void> {
  if (!existsSync(directory.root)) return; // nothing was ever started here
  writeFileSync(directory.stop, '');
  const spec = readSpec(directory, say);
  const until = performance.now() + ((spec?.graceSeconds ?? GRACE_SECONDS) + MARGIN_SECONDS) * 1000;
  while (liveSupervisors(directory, launched).length > 0 && performance.now() < until) await sleep(POLL_MS);
  for (const { pid } of liveSupervisors(directory, launched)) send(pid, 'SIGKILL');
  await killTraining(directory, readNote(directory));
}

/** The first of these that is the name of a trial in this directory; a file or a process may say what it wants. */
function nameOf(directory: TrialDirectory, note: PidNote | undefined, processes: readonly string[][]): string {
  const spec = readJson(directory.spec, trialSpecSchema);
  const said = processes.flat().flatMap((entry) => {
    const [, training, step] = /^AUTORESEARCH_(?:TRIAL=(.+)|STEP=(.+?) in )/.exec(entry) ?? [];
    return training ?? step ?? [];
  });
  const place = directory.root.split(sep).slice(-3).join('/');
  const names = [
    ...(spec.status === 'ok' ? [spec.value.id] : []),
    ...(note === undefined ? [] : [note.trial]),
    ...said,
  ];
  return names.find((name) => placeOf(name) === place) ?? place;
}

/** Where the trial of that name stands, under its state directory's trials. */
function placeOf(trial: string): string {
  const parts = trial.split('/');
  return [folderName(parts.slice(0, -2).join('/')), ...parts.slice(-2)].join('/');
}

function liveSupervisors(directory: TrialDirectory, launched: ProcessIdentity | undefined): ProcessIdentity[] {
  return [launched, readNote(directory)?.supervisor].filter((one) => one !== undefined).filter((one) => isAlive(one));
}

function readNote(directory: TrialDirectory): PidNote | undefined {
  const read = readJson(directory.pid, pidNoteSchema);
  return read.status === 'ok' ? read.value : undefined;
}

const roots = (trialsRoot: string): string[] => folders(trialsRoot).flatMap(folders).flatMap(folders);

function folders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return []; // not there yet, or removed meanwhile
  }
}
