import { dirname } from 'node:path';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { StateDirectoryUnusable } from '../src/config.ts';
import { InvalidInput } from '../src/domain/invalid-input.ts';
import { DEVICE_QUEUE } from '../src/domain/names.ts';
import type { OtherDevice } from '../src/domain/measured-on.ts';
import { sentence } from '../src/domain/sentence.ts';
import { MachineNotReady } from '../src/machine.ts';
import type { DevicePlace } from './contract.ts';
import { BrokenRef } from '../src/git/broken-refs.ts';
import { DamagedClone, isDamage } from '../src/git/damaged-clone.ts';
import { CorruptLedger } from '../src/git/ledger.ts';
import { ContradictingRef } from '../src/git/transaction.ts';
import { DamagedAllowList } from '../src/services/allowed.ts';
import { diskAt } from '../src/trainer/disk.ts';
import { DiskFull, hasRoom } from '../src/trainer/full-disk.ts';
import { OutputGone } from '../src/trainer/prune.ts';

/** How often a running activity says that it lives. */
export const BEAT_MS = 1000;
/** Failures are retried every second at first: what failed is mostly a process that restarts. */
const PATIENCE_MS = 30_000;
const LONGEST_DELAY_MS = 60_000;
/** Of a trial on its own device: one a second for half a minute, then one a minute. */
const MOST_ATTEMPTS = 38;

/** The types of failures of the world: thrown as ApplicationFailure with one of these as its `type`. */
type FailureType =
  /** What only a person can mend; the message says what to do. The session is blocked until `resume`. */
  | 'Blocked'
  /** A caller's mistake; the session fails with the message. */
  | 'InvalidInput'
  /** The worker goes away, or its one attempt failed; details `[{ hostId, device }]` say who keeps the trial. */
  | 'WorkerShutdown'
  /** A device of another class than the session is measured on refuses a trial; details `[{ hostId, device, deviceClass }]`. */
  | 'OtherClass';

const BLOCKED: FailureType = 'Blocked';
const INVALID_INPUT: FailureType = 'InvalidInput';
const WORKER_SHUTDOWN: FailureType = 'WorkerShutdown';
const OTHER_CLASS: FailureType = 'OtherClass';

/** What only a person can mend: the session waits, and shows `message`, which says what to do. */
export function blocked(message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: BLOCKED,
    nonRetryable: true,
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/** What a worker that goes says of an activity, or its successor for it; of a device's also where the training stays. */
export function lastWord(place?: DevicePlace): ApplicationFailure {
  return ApplicationFailure.create({
    message: place === undefined ? 'The worker is gone.' : 'The worker goes; the training stays.',
    type: WORKER_SHUTDOWN,
    nextRetryDelay: place === undefined ? '100ms' : '1s',
    category: ApplicationFailureCategory.BENIGN,
    details: place === undefined ? [] : [place],
  });
}

/** What a device says of a trial whose number could not be compared with those of its session. */
export const refusedBy = (device: OtherDevice): ApplicationFailure =>
  ApplicationFailure.create({
    message: `This trial is not for a device of class ${device.deviceClass}.`,
    type: OTHER_CLASS,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
    details: [device],
  });

/** What running activities say with their heartbeats. */
const said = new WeakMap<Context, unknown>();

/** Has this and the next heartbeats of the activity that runs here carry `details`; seen in the Temporal UI. */
export function pulse(details: unknown): void {
  const context = Context.current();
  said.set(context, details);
  context.heartbeat(details);
}

/**
 * An activity of the control worker, which writes in `folder`: heartbeats while it runs, errors turned into the
 * contract's failure types.
 */
export function controlActivity<Input, Output>(
  activity: (input: Input) => Promise<Output>,
  folder: string,
): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(said.get(context)), BEAT_MS);
    try {
      return await activity(input);
    } catch (error) {
      throw asFailure(error, folder);
    } finally {
      clearInterval(beat);
    }
  };
}

/**
 * The failure that tells Temporal the fate of an error: a caller's mistake, a person's to mend, or to be retried.
 * `folder` is where the activity writes: when its disk is full, that explains what git does not ("unable to write",
 * "could not set").
 */
export function asFailure(error: unknown, folder: string): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof InvalidInput) return ApplicationFailure.nonRetryable(error.message, INVALID_INPUT);
  if (error instanceof StateDirectoryUnusable || error instanceof CorruptLedger) return blocked(error.message, error);
  if (error instanceof DamagedClone || error instanceof BrokenRef || error instanceof ContradictingRef)
    return blocked(error.message, error);
  if (error instanceof DamagedAllowList) return blocked(error.message, error);
  if (isDamage(error) && dirname(error.directory) === folder)
    return blocked(new DamagedClone(error.directory, error).message, error);
  if (error instanceof DiskFull || error instanceof MachineNotReady) return blocked(error.message, error);
  if (error instanceof OutputGone) return unheld(error);
  const cause = error instanceof Error ? error : new Error(String(error));
  const trouble = diskTrouble(cause);
  if (trouble !== null) return blocked(trouble, cause);
  if (!hasRoom(diskAt(folder))) return blocked(fullSentence(folder, cause), cause);
  return ApplicationFailure.create({ message: cause.message, type: cause.name, cause, ...delay() });
}

/** After half a minute of tries, ever longer pauses: 2, 4, … 60 s. */
function delay(): { nextRetryDelay?: number } {
  const { scheduledTimestampMs, attempt } = Context.current().info;
  const age = Date.now() - scheduledTimestampMs;
  if (age < PATIENCE_MS) return {};
  return { nextRetryDelay: Math.min(LONGEST_DELAY_MS, 1000 * 2 ** Math.min(6, Math.max(1, attempt - 20))) };
}

/**
 * What a device's failure means for its trial: on the shared queue there is one attempt (workflows/activities.ts), and
 * what may pass sends the trial to the own queue of the device that has it by now. A session that waited for a person
 * because a file went while it was read would wait all night; what fails there again and again is for a person after all.
 */
export function deviceFailure(failure: Error, place: DevicePlace): Error {
  const { taskQueue, attempt } = Context.current().info;
  if (!(failure instanceof ApplicationFailure) || failure.nonRetryable === true) return failure;
  const { message } = failure;
  if (taskQueue === DEVICE_QUEUE)
    return ApplicationFailure.create({ message, type: WORKER_SHUTDOWN, cause: failure, details: [place] });
  return attempt < MOST_ATTEMPTS ? failure : blocked(`${sentence(message)} Mend that, then resume.`, failure);
}

/** As after the loss of a worker, but nobody has the trial: the session lets any device train it. */
function unheld({ message }: OutputGone): ApplicationFailure {
  return ApplicationFailure.create({ message, type: WORKER_SHUTDOWN, nonRetryable: true });
}

/** What the system says, as code or in git's words; what is wrong; what to do. */
const DISK_TROUBLES = [
  [/ENOSPC|No space left on device/i, 'The disk is full', 'Make room there'],
  [/EDQUOT|Disk quota exceeded/i, 'The disk quota is used up', 'Make room there'],
  [/EROFS|Read-only file system/i, 'The file system is read-only', 'Make it writable'],
] as const;

/** The sentence for a disk that cannot be written to, with the path where the system named it; null for other trouble. */
function diskTrouble(error: Error): string | null {
  const text = `${'code' in error ? String(error.code) : ''} ${error.message}`;
  const found = DISK_TROUBLES.find(([pattern]) => pattern.test(text));
  if (found === undefined) return null;
  const [, what, advice] = found;
  return `${what} (${oneLine(error)}). ${advice}, then resume.`;
}

const fullSentence = (folder: string, error: Error): string =>
  `The disk of ${folder} is full (${oneLine(error)}). Make room there, then resume.`;

const oneLine = ({ message }: Error): string => message.trim().replaceAll(/\s+/g, ' ');
