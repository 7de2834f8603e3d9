import { ActivityFailure, ApplicationFailure, condition, isCancellation } from '@temporalio/workflow';
import type { Block, SessionState } from './state.ts';

/** Thrown inside the session when a person stops it while it is blocked or paused. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Thrown inside the session where it finds itself what only a person can mend; `unlessBlocked` says the message. */
export class NeedsPerson extends Error {
  override readonly name = 'NeedsPerson';
}

/** What ends a block: `resume` alone where something must be written down, else `stop` too. */
export type Patience = 'until resumed' | 'until resumed or stopped';

/**
 * Runs `act`; what only a person can mend makes the session `blocked` with the sentence for it, and `resume` runs
 * `act` again. Anything else comes out as it is.
 */
export async function unlessBlocked<T>(
  state: SessionState,
  act: () => Promise<T>,
  changed: () => void,
  patience: Patience = 'until resumed or stopped',
): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const reason = blockedReason(error);
      if (reason === null) throw error;
      await block(state, reason, changed, patience);
    }
  }
}

/** Waits, `blocked` for this reason, until a person resumes; throws `Stopped` when a stop may end it and does. */
export async function block(
  state: SessionState,
  reason: string,
  changed: () => void,
  patience: Patience = 'until resumed or stopped',
): Promise<void> {
  const stopped = (): boolean => patience === 'until resumed or stopped' && state.stop !== 'no';
  const own: Block = { reason, holds: patience === 'until resumed' };
  state.blocks = [...state.blocks, own];
  changed();
  try {
    await condition(() => !state.blocks.includes(own) || stopped());
  } finally {
    state.blocks = state.blocks.filter((other) => other !== own); // also where a veto ended what was blocked
    changed();
  }
  if (stopped()) throw new Stopped();
}

/** Waits while the session is paused. */
export async function whilePaused(state: SessionState, changed: () => void): Promise<void> {
  if (!state.paused) return;
  changed();
  await condition(() => !state.paused || state.stop !== 'no');
  changed();
}

/** Waits while something is blocked: what runs goes on, nothing new begins. */
export async function whileBlocked(state: SessionState): Promise<void> {
  if (state.blocks.length > 0) await condition(() => state.blocks.length === 0 || state.stop !== 'no');
}

function blockedReason(error: unknown): string | null {
  if (error instanceof NeedsPerson) return error.message;
  const failure = applicationFailure(error);
  return failure?.type === 'Blocked' ? failure.message : null;
}

/** The failure that an activity threw on purpose, if that is what this error is. */
export function applicationFailure(error: unknown): ApplicationFailure | null {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) return null;
  return error.cause instanceof ApplicationFailure ? error.cause : null;
}

/** What a failed activity said, in one line. */
export function failureText(error: ActivityFailure): string {
  const text = error.cause?.message ?? error.message;
  return text.split('\n')[0] ?? text;
}

/** A device that failed says nothing of the commit: no reason to end the session. */
export function whyNot(error: unknown): string {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  return failureText(error);
}
