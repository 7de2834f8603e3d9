// The worker's side of a trial: harvest what has ended, adopt what runs, start what does not. Whoever cleans and
// prepares holds the trial's lock, so that of any number of watchers one starts and the others adopt.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../domain/progress.ts';
import { readJson, setAside } from './durable-file.ts';
import type { Environment } from './environment.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { startTrial } from './start-trial.ts';
import { supervisorProgram } from './supervisor-program.ts';
import { killTrial } from './sweep.ts';
import { trialsRootOf, type TrialDirectory } from './trial-directory.ts';
import { readExit, readPidNote, type Say } from './trial-state.ts';
import {
  differences,
  neverStarted,
  progressNoteSchema,
  trialSpecSchema,
  type Exit,
  type TrialSpec,
} from './trial-spec.ts';

/** What `watchTrial` is asked for. */
export interface Watch {
  readonly directory: TrialDirectory;
  readonly spec: TrialSpec;
  /** Fills `directory.tree`, which is empty. Called only when the trial has to be started. */
  readonly prepareTree: () => Promise<void>;
  /** Called twice a second from the first moment. */
  readonly onProgress: (progress: Progress) => void;
  /** Abort with reason `kill` to end the training, with any other to leave it alone. */
  readonly signal: AbortSignal;
  /** Told what was found broken and where it is now. */
  readonly say?: Say;
  /** Where the supervisor's bundle is kept when running from sources; default: `supervisor` beside the trials. */
  readonly supervisorCache?: string;
  /** What the order's `inherit` names. */
  readonly secrets?: Environment;
}

/** Thrown when a watch ends because its worker goes, while the training goes on. */
export class Detached extends Error {
  override readonly name = 'Detached';
}

/** Thrown when the trial that lives or has ended on disk is another than the one asked for: a bug, or foreign files. */
export class TrialMismatch extends Error {
  override readonly name = 'TrialMismatch';
}

/** Thrown when supervisors keep ending without leaving a result. */
export class SupervisorFailed extends Error {
  override readonly name = 'SupervisorFailed';
}

const BEAT_MS = 500;
const EXIT_POLL_MS = 50;
const MAX_STARTS = 4; // one, and three that somebody killed; more means that it cannot work here

/**
 * Watches a trial to its end, starting it when nobody has; safe to call again, from any worker, at any time.
 * An end with reason `stopped` that is there already is no result: asked for again, the trial is trained again.
 * @throws Detached, TrialMismatch, SupervisorFailed, and what `prepareTree` throws.
 */
export async function watchTrial(watch: Watch): Promise<Exit> {
  const { directory, onProgress } = watch;
  const beat = setInterval(() => onProgress(readProgress(directory)), BEAT_MS);
  try {
    onProgress(readProgress(directory));
    const rest = { say: () => undefined, supervisorCache: supervisorCacheFor(directory), secrets: {} };
    return await follow({ ...rest, ...watch });
  } finally {
    clearInterval(beat);
  }
}

/** Where bundles of the supervisor stand for the state directory that a trial is in. */
const supervisorCacheFor = (directory: TrialDirectory): string => join(dirname(trialsRootOf(directory)), 'supervisor');

async function follow(watch: Required<Watch>): Promise<Exit> {
  const { directory, spec, signal, say } = watch;
  const program = await supervisorProgram(watch.supervisorCache);
  const result = resultReader(watch);
  let supervisor: ProcessIdentity | undefined;
  for (let starts = 0; !signal.aborted;) {
    const exit = result();
    if (exit !== undefined) return exit;
    if (isLive(supervisor) || isLive(readPidNote(directory, spec.id, say)?.supervisor)) {
      checkSame(directory, spec);
      await exitOrPause(directory, signal);
      continue;
    }
    if (starts === MAX_STARTS) throw new SupervisorFailed(whyFailed(directory));
    const started = await startTrial({ ...watch, program, hasResult: () => result() !== undefined });
    if (started.status === 'started') {
      starts += 1;
      supervisor = started.supervisor;
    } else await exitOrPause(directory, signal);
  }
  if (signal.reason !== 'kill') throw new Detached(`The training of ${spec.id} goes on without this worker.`);
  await killTrial(directory, supervisor, say);
  return result() ?? neverStarted(spec.id);
}

/** Reads the trial's result as long as it is one: not of another training, not a stop from before this watch. */
function resultReader({ directory, spec, say }: Required<Watch>): () => Exit | undefined {
  const before = readExit(directory, spec.id, say);
  return () => {
    const exit = readExit(directory, spec.id, say);
    if (exit === undefined || (exit.reason === 'stopped' && exit.endedAt === before?.endedAt)) return undefined;
    if (checkSame(directory, spec)) return exit;
    say(`Expected ${directory.spec} to say what was trained; ${setAside(directory.exit)} is not used.`);
    return undefined;
  };
}

/** Whether an order is on disk; throws when it is another one than asked. */
function checkSame(directory: TrialDirectory, spec: TrialSpec): boolean {
  const found = readJson(directory.spec, trialSpecSchema);
  if (found.status !== 'ok') return false;
  const different = differences(spec, found.value);
  if (different.length === 0) return true;
  throw new TrialMismatch(
    `Expected the trial in ${directory.root} to be the one asked for, got other ${different.join(', ')}; ` +
      'two sessions share an id, or the files are foreign: move that folder away.',
  );
}

const isLive = (supervisor: ProcessIdentity | undefined): boolean => supervisor !== undefined && isAlive(supervisor);

/** Sleeps until the trial ends, but not long: its supervisor may die. */
async function exitOrPause(directory: TrialDirectory, signal: AbortSignal): Promise<void> {
  const until = performance.now() + BEAT_MS;
  do await sleep(EXIT_POLL_MS);
  while (performance.now() < until && !signal.aborted && !existsSync(directory.exit));
}

function readProgress(directory: TrialDirectory): Progress {
  const note = readJson(directory.progress, progressNoteSchema);
  if (note.status !== 'ok')
    return { phase: 'preparing', step: null, of: null, value: null, elapsedSeconds: 0, pid: null };
  const { startedAt, ...known } = note.value;
  return {
    ...known,
    elapsedSeconds: startedAt === null ? 0 : Math.max(0, Math.round((Date.now() - startedAt) / 100) / 10),
  };
}

function whyFailed(directory: TrialDirectory): string {
  const said = existsSync(directory.supervisorLog) ? readFileSync(directory.supervisorLog, 'utf8').slice(-1500) : '';
  return `Expected a supervisor to train in ${directory.root}, but ${MAX_STARTS} ended without a result; its last words:\n${said}`;
}
