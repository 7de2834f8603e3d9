// Which trials live on this machine, and the end of one that nobody wants any more.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson } from './durable-file.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { environmentOf, listProcesses, send } from './process-table.ts';
import { markersOf } from './training.ts';
import { directoryAt, type TrialDirectory } from './trial-directory.ts';
import { killTraining } from './trial-state.ts';
import { pidNoteSchema, trialSpecSchema, type PidNote } from './trial-spec.ts';

/** A trial with a live supervisor or live processes. */
export interface LiveTrial {
  readonly directory: TrialDirectory;
  /** `<session>/<experiment>/<trial>` */
  readonly trial: string;
  readonly device: string;
}

// The supervisor looks for the stop file five times a second, drains and writes the end after the kill.
const MARGIN_SECONDS = 5;
const POLL_MS = 50;

/** Every live trial under `trialsRoot`. Reads only; files that are being written or are broken count as absent. */
export function liveTrials(trialsRoot: string): LiveTrial[] {
  const environments = listProcesses().map(({ pid }) => new Set(environmentOf(pid)));
  return roots(trialsRoot).flatMap((root) => {
    const directory = directoryAt(root);
    const spec = readJson(directory.spec, trialSpecSchema);
    if (spec.status !== 'ok') return [];
    const note = readNote(directory);
    const markers = markersOf(spec.value.id, directory);
    const lives =
      (note !== undefined && isAlive(note.supervisor)) ||
      environments.some((entries) => markers.every((marker) => entries.has(marker)));
    return lives ? [{ directory, trial: spec.value.id, device: spec.value.device }] : [];
  });
}

/**
 * Ends a trial: asks its supervisor, then kills what did not end in time. Returns when nothing of it lives.
 * `launched` is a supervisor that may not have written `pid.json` yet.
 */
export async function killTrial(directory: TrialDirectory, launched?: ProcessIdentity): Promise<void> {
  const spec = readJson(directory.spec, trialSpecSchema);
  if (spec.status !== 'ok') return; // nothing was ever started here
  writeFileSync(directory.stop, '');
  const until = performance.now() + (spec.value.graceSeconds + MARGIN_SECONDS) * 1000;
  while (liveSupervisors(directory, launched).length > 0 && performance.now() < until) await sleep(POLL_MS);
  for (const { pid } of liveSupervisors(directory, launched)) send(pid, 'SIGKILL');
  await killTraining(directory, spec.value.id, readNote(directory));
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
