// What a trial's directory says, checked against what lives. Files that cannot be used are moved aside and named.
import type { z } from 'zod';
import { readJson, setAside } from './durable-file.ts';
import { isAlive } from './process-identity.ts';
import { killAll, send } from './process-table.ts';
import { outputMarkers } from './training.ts';
import type { TrialDirectory } from './trial-directory.ts';
import { exitSchema, pidNoteSchema, trialSpecSchema, type Exit, type PidNote, type TrialSpec } from './trial-spec.ts';

/** Told what was found unusable and where it is now. */
export type Say = (text: string) => void;

/** How the trial ended, if it has. */
export function readExit(directory: TrialDirectory, trial: string, say: Say): Exit | undefined {
  return readOurs(directory.exit, exitSchema, trial, say);
}

/** Whose hands the trial is in, by its own account; whether they still live is another question. */
export function readPidNote(directory: TrialDirectory, trial: string, say: Say): PidNote | undefined {
  return readOurs(directory.pid, pidNoteSchema, trial, say);
}

/** What was ordered, if anything was; an order that cannot be read, or is not of `trial`, is moved aside. */
export function readSpec(directory: TrialDirectory, say: Say, trial?: string): TrialSpec | undefined {
  const read = readJson(directory.spec, trialSpecSchema);
  if (read.status === 'absent') return undefined;
  if (read.status === 'ok' && (trial === undefined || read.value.id === trial)) return read.value;
  const reason = read.status === 'bad' ? read.reason : notOf(directory.spec, trial, read.value.id);
  const aside = setAside(directory.spec);
  if (aside !== undefined) say(`${reason}; moved to ${aside}.`);
  return undefined;
}

/** Kills every process of the trial but its supervisor, also what scores an output of an earlier start. */
export async function killTraining(directory: TrialDirectory, note: PidNote | undefined): Promise<number> {
  // Its group too: a child may have been started with an environment of its own.
  const child = note?.child;
  const group = child !== undefined && child !== null && isAlive(child) ? child.pid : undefined;
  if (group !== undefined) send(-group, 'SIGKILL');
  const markers = outputMarkers(directory);
  return killAll((found) => found.group === group || markers.some((marker) => found.carries([marker])), 0);
}

function readOurs<Schema extends z.ZodType<{ trial: string }>>(
  path: string,
  schema: Schema,
  trial: string,
  say: Say,
): z.output<Schema> | undefined {
  const read = readJson(path, schema);
  if (read.status === 'absent') return undefined;
  if (read.status === 'ok' && read.value.trial === trial) return read.value;
  const reason = read.status === 'bad' ? read.reason : notOf(path, trial, read.value.trial);
  const aside = setAside(path);
  if (aside !== undefined) say(`${reason}; moved to ${aside}, the trial is trained again unless it still runs.`);
  return undefined;
}

const notOf = (path: string, trial: string | undefined, other: string): string =>
  `Expected ${path} to be of trial ${trial}, got one of trial ${other}`;
