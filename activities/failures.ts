import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { StateDirectoryUnusable } from '../src/config.ts';
import { InvalidInput } from '../src/domain/invalid-input.ts';
import type { FailureType } from './contract.ts';
import { CorruptLedger } from '../src/git/ledger.ts';

/** How often a running activity says that it lives. */
export const BEAT_MS = 1000;
/** Failures are retried every second at first: what failed is mostly a process that restarts. */
const PATIENCE_MS = 30_000;
const LONGEST_DELAY_MS = 60_000;

const BLOCKED: FailureType = 'Blocked';
const INVALID_INPUT: FailureType = 'InvalidInput';

/** What only a person can mend: the session waits, and shows `message`, which says what to do. */
export function blocked(message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: BLOCKED,
    nonRetryable: true,
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/** An activity of the control worker: heartbeats while it runs, errors turned into the contract's failure types. */
export function controlActivity<Input, Output>(
  activity: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), BEAT_MS);
    try {
      return await activity(input);
    } catch (error) {
      throw asFailure(error);
    } finally {
      clearInterval(beat);
    }
  };
}

/** The failure that tells Temporal the fate of an error: a caller's mistake, a person's to mend, or to be retried. */
export function asFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof InvalidInput) return ApplicationFailure.nonRetryable(error.message, INVALID_INPUT);
  if (error instanceof StateDirectoryUnusable || error instanceof CorruptLedger) return blocked(error.message, error);
  if (isDiskFull(error)) return blocked(`The disk is full (${error.message}). Make room, then resume.`, error);
  const cause = error instanceof Error ? error : new Error(String(error));
  return ApplicationFailure.create({ message: cause.message, type: cause.name, cause, ...delay() });
}

/** After half a minute of tries, ever longer pauses: 2, 4, … 60 s. */
function delay(): { nextRetryDelay?: number } {
  const { scheduledTimestampMs, attempt } = Context.current().info;
  const age = Date.now() - scheduledTimestampMs;
  if (age < PATIENCE_MS) return {};
  return { nextRetryDelay: Math.min(LONGEST_DELAY_MS, 1000 * 2 ** Math.min(6, Math.max(1, attempt - 20))) };
}

function isDiskFull(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return /ENOSPC|EDQUOT|No space left on device/.test(`${'code' in error ? String(error.code) : ''} ${error.message}`);
}
