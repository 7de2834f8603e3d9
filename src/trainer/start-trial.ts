// Starting a trial: under its lock, from a clean directory, with a ticket. A supervisor of an earlier start whose
// worker died halfway finds another ticket and leaves, so that it never trains in a tree that is being replaced.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { makeFolder } from '../config.ts';
import { writeJson } from './durable-file.ts';
import type { Environment } from './environment.ts';
import { tryLock } from './file-lock.ts';
import { expectRoom } from './full-disk.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { cleanDirectory, type TrialDirectory } from './trial-directory.ts';
import { killTraining, readPidNote, readSpec, type Say } from './trial-state.ts';
import type { TrialSpec } from './trial-spec.ts';

/** What a start needs. */
export interface TrialStart {
  readonly directory: TrialDirectory;
  readonly spec: TrialSpec;
  /** Fills `directory.tree`, which is empty. */
  readonly prepareTree: () => Promise<void>;
  /** The supervisor's program, for plain node. */
  readonly program: string;
  /** Looked at under the lock: whether the trial has a result after all. */
  readonly hasResult: () => boolean;
  /** When it aborts before the start, nothing is started. */
  readonly signal: AbortSignal;
  readonly say: Say;
  /** What the order's `inherit` names: in the supervisor's environment alone, never on disk. */
  readonly secrets?: Environment | undefined;
}

/** `busy`: somebody else holds the trial. `not-needed`: it has a result, or nobody wants it any more. */
export type Started =
  | { readonly status: 'busy' | 'not-needed' }
  | { readonly status: 'started'; readonly supervisor: ProcessIdentity | undefined };

/**
 * Starts the trial unless it is in somebody's hands or has a result. Kills what an earlier start left alive.
 * @throws DiskFull before anything runs when there is no room for it, and what `prepareTree` throws.
 */
export async function startTrial(start: TrialStart): Promise<Started> {
  const { directory, spec, say } = start;
  makeFolder(directory.root);
  const lock = tryLock(directory.lock);
  if (lock === undefined) return { status: 'busy' };
  const ticket = randomUUID();
  try {
    if (start.hasResult()) return { status: 'not-needed' };
    const note = readPidNote(directory, spec.id, say);
    if (note !== undefined && isAlive(note.supervisor)) return { status: 'busy' }; // it was started, and is loading
    await killTraining(directory, note);
    readSpec(directory, say, spec.id); // a broken or foreign one is evidence: it is moved aside, not cleaned away
    await cleanDirectory(directory);
    expectRoom(directory.root);
    await start.prepareTree();
    if (start.signal.aborted) return { status: 'not-needed' };
    writeJson(directory.spec, spec);
    writeFileSync(directory.ticket, ticket);
    const supervisor = launch(start, ticket);
    // For the time until it says so itself, which takes seconds on a busy machine: nobody else starts another.
    if (supervisor !== undefined) writeJson(directory.pid, { trial: spec.id, supervisor, child: null });
    return { status: 'started', supervisor };
  } finally {
    lock.release();
  }
}

function launch({ program, directory, secrets }: TrialStart, ticket: string): ProcessIdentity | undefined {
  const output = openSync(directory.supervisorLog, 'a');
  try {
    const child = spawn(process.execPath, [program, directory.root, ticket], {
      cwd: directory.root,
      detached: true,
      env: { ...supervisorEnvironment(), ...secrets },
      stdio: ['ignore', output, output],
    });
    child.once('error', () => undefined); // shows as a supervisor that does not live
    child.unref();
    return child.pid === undefined ? undefined : identify(child.pid);
  } finally {
    closeSync(output);
  }
}

/** A candidate of the same user can read its supervisor's environment: no key may be in it. */
function supervisorEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LANG, TZ, LD_LIBRARY_PATH } = process.env;
  return {
    ...(PATH !== undefined && { PATH }),
    ...(LANG !== undefined && { LANG }),
    ...(TZ !== undefined && { TZ }),
    ...(LD_LIBRARY_PATH !== undefined && { LD_LIBRARY_PATH }),
  };
}
