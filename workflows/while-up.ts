// A proposer that cannot be asked now is asked again and again; whatever can be done without it goes first, and its number
// waits meanwhile.
import { condition, workflowInfo } from '@temporalio/workflow';
import type { Proposed } from '../src/domain/proposed.ts';
import { sentence } from '../src/domain/sentence.ts';
import { dueAudit } from './audit-line.ts';
import type { SessionState } from './state.ts';
import { endOfSearch } from './status.ts';
import { unmade } from './waiting.ts';

/** How long one that is down is left alone at least: longer each time, up to a minute, whatever its API says. */
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;

/** Whether something came while a proposal was made, which may have taken minutes, and goes first. */
export const isHeld = (state: SessionState): boolean =>
  state.paused ||
  state.blocks.length > 0 ||
  state.pin !== null ||
  dueAudit(state) !== null ||
  endOfSearch(state) !== null;

/** Whether one that is down is not to be waited for now: the session has to do something first, or a run is long enough. */
export const givesWay = (state: SessionState): boolean =>
  isHeld(state) || state.reviews.length > 0 || workflowInfo().continueAsNewSuggested;

/** A question for a proposal. */
export interface Question {
  readonly ask: () => Promise<Proposed>;
  /** Whether the proposer itself has to answer; else the answer says nothing of it. */
  readonly isIdea: boolean;
  /** Whether a person, or the line, wants something tried that needs no idea. */
  readonly isWished: () => boolean;
}

/** Asks until somebody answers or the search is over; `down` where something else can be done, or is to be done, first. */
export async function whileUp(
  state: SessionState,
  { ask, isIdea, isWished }: Question,
  changed: () => void,
): Promise<Proposed> {
  const isOtherwiseBusy = (): boolean => isHeld(state) || state.reviews.length > 0 || isWished();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, 2 * pause)) {
    const proposed = await ask();
    const down = isIdea ? downWords(proposed) : state.down;
    if (down !== state.down) {
      state.down = down;
      changed();
    }
    if (proposed.kind !== 'down') return proposed;
    await condition(isOtherwiseBusy, Math.min(LONGEST_PAUSE_MS, Math.max(pause, proposed.afterMs ?? 0)));
    if (endOfSearch(state) !== null) return unmade(0).proposed;
    if (givesWay(state) || isWished()) return proposed;
  }
}

/** That no model can be asked, in words for people; null where one can. */
function downWords(proposed: Proposed): string | null {
  if (proposed.kind === 'down') return `${sentence(proposed.reason)} It is asked again every minute.`;
  return 'modelDown' in proposed ? (proposed.modelDown ?? null) : null;
}
