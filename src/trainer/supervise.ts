// What a supervisor does from its start to `exit.json`: the trial's lock, the device's lock, the training, the end.
// It needs no worker: the budget holds with every worker dead.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseProgressLine } from '../domain/progress.ts';
import { readJson, reserve, setAside, writeHint, writeJson, writeReserved } from './durable-file.ts';
import { tryLock, waitForLock, type FileLock } from './file-lock.ts';
import { watchMachine } from './machine-watch.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { killAll } from './process-table.ts';
import { markersOf, runTraining } from './training.ts';
import { readTicket, removeScratch, type TrialDirectory } from './trial-directory.ts';
import {
  deviceNotePath,
  deviceNoteSchema,
  exitSchema,
  neverStarted,
  trialSpecSchema,
  type Exit,
  type ProgressNote,
  type TrialSpec,
} from './trial-spec.ts';

/** Why a supervisor ended. Only `trained` leaves an `exit.json` of its own. */
export type SupervisorEnd = 'trained' | 'lost' | 'superseded' | 'finished-before' | 'terminated';

// A glance at the lock by a worker lasts milliseconds; whoever holds it longer than this is at work on the trial.
const LOCK_PATIENCE_MS = 3000;
const LOCK_POLL_MS = 20;
const STOP_POLL_MS = 200;
// A full disk may be emptied by its owner; after this the trial is left without an end and is trained again.
const EXIT_PATIENCE_MS = 60_000;
const EXIT_RETRY_MS = 1000;

/**
 * Trains the trial in `directory` unless somebody else does or did. `ticket` is of the start that this supervisor
 * belongs to; `terminated` aborts when the supervisor itself is told to end (a machine going down), which is no
 * result: the trial is then left without an end and trained again.
 */
export async function supervise(
  directory: TrialDirectory,
  ticket: string,
  terminated: AbortSignal,
): Promise<SupervisorEnd> {
  const lock = await takeTrialLock(directory);
  if (lock === undefined) return 'lost';
  if (readTicket(directory) !== ticket) return 'superseded';
  if (readJson(directory.exit, exitSchema).status === 'ok') return 'finished-before';
  const spec = readJson(directory.spec, trialSpecSchema);
  if (spec.status !== 'ok') throw new Error(`Expected ${directory.spec} to be an order; the worker writes it first.`);
  reserve(directory.exit);
  const self = identify(process.pid);
  if (self === undefined) throw new Error('Expected /proc to show this process; mount /proc.');
  const note = { trial: spec.value.id, supervisor: self };
  writeJson(directory.pid, { ...note, child: null });
  const stop = watchForStop(directory, terminated);
  try {
    const mayRun =
      spec.value.deviceLock === undefined ||
      (await takeDevice({ id: spec.value.id, deviceLock: spec.value.deviceLock }, directory, self, stop.signal));
    const exit = !mayRun
      ? neverStarted(spec.value.id)
      : await train(spec.value, directory, stop.signal, (pid) =>
          writeJson(directory.pid, { ...note, child: identify(pid) ?? null }),
        );
    await removeScratch(directory);
    if (terminated.aborted && exit.reason === 'stopped' && !existsSync(directory.stop)) return 'terminated';
    await writeExit(directory, exit);
    return 'trained';
  } finally {
    stop.end();
  }
}

async function takeTrialLock(directory: TrialDirectory): Promise<FileLock | undefined> {
  const until = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    const lock = tryLock(directory.lock);
    if (lock !== undefined || performance.now() > until) return lock;
    await sleep(LOCK_POLL_MS);
  }
}

/** Waits for the device, then makes sure that nothing of the trial that had it before is left on it. */
async function takeDevice(
  { id, deviceLock }: { readonly id: string; readonly deviceLock: string },
  directory: TrialDirectory,
  self: ProcessIdentity,
  stop: AbortSignal,
): Promise<boolean> {
  hint(directory, { phase: 'waiting', step: null, of: null, value: null, startedAt: null, pid: null });
  const lock = await waitForLock(deviceLock, stop);
  if (lock === undefined) return false;
  const notePath = deviceNotePath(deviceLock);
  const before = readJson(notePath, deviceNoteSchema);
  if (before.status === 'ok') await killAll((found) => found.carries(before.value.markers), 0);
  if (before.status === 'bad') setAside(notePath);
  writeJson(notePath, { trial: id, supervisor: self, markers: markersOf(id, directory) });
  return true; // held until this process ends
}

async function train(
  spec: TrialSpec,
  directory: TrialDirectory,
  stop: AbortSignal,
  onPid: (pid: number) => void,
): Promise<Exit> {
  const { gpu, seconds } = spec;
  const machine = await watchMachine({ markers: markersOf(spec.id, directory), seconds, gpu });
  let note: ProgressNote = { phase: 'training', step: null, of: null, value: null, startedAt: null, pid: null };
  let line = '';
  const update = (change: Partial<ProgressNote>): void => {
    note = { ...note, ...change };
    hint(directory, note);
  };
  const exit = await runTraining(spec, directory, stop, {
    onStart: (pid, startedAt) => {
      machine.onStart(pid);
      onPid(pid);
      update({ pid, startedAt: startedAt.getTime() });
    },
    onTick: (lastLine) => {
      const progress = lastLine === line ? undefined : parseProgressLine(lastLine);
      line = lastLine;
      if (progress !== undefined) update(progress);
    },
    onEnding: () => update({ phase: 'ending' }),
  });
  return { ...exit, ...(await machine.end()) };
}

function hint(directory: TrialDirectory, note: ProgressNote): void {
  try {
    writeHint(directory.progress, note);
  } catch {
    // a full disk: progress is for the eye, the training goes on
  }
}

function watchForStop(directory: TrialDirectory, terminated: AbortSignal): { signal: AbortSignal; end: () => void } {
  const asked = new AbortController();
  const look = (): void => {
    if (existsSync(directory.stop)) asked.abort();
  };
  look();
  const poll = setInterval(look, STOP_POLL_MS);
  return { signal: AbortSignal.any([asked.signal, terminated]), end: () => clearInterval(poll) };
}

async function writeExit(directory: TrialDirectory, exit: Exit): Promise<void> {
  const until = performance.now() + EXIT_PATIENCE_MS;
  for (;;) {
    try {
      return writeReserved(directory.exit, exit);
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(EXIT_RETRY_MS);
    }
  }
}
