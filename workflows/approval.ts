// A person wants to say yes before anything is trained: a proposal then waits in front of the lanes. `veto` is the no.
import { condition } from '@temporalio/workflow';
import type { Ready, SessionState } from './state.ts';

const MS_PER_MINUTE = 60_000;

/** What a person wrote, accepted or had tried before needs no second yes. */
function needsYes(
  { input, approved }: SessionState,
  { experiment, proposed, patch, accepted, parent }: Ready,
): boolean {
  const isAsked = patch !== undefined || accepted !== undefined || parent !== undefined;
  return input.approve === true && proposed.kind === 'proposal' && !isAsked && !approved.includes(experiment);
}

/**
 * Waits for the yes where one is wanted. Null: something else goes first (a pause, a stop, a pin), and it waits on; else
 * what is to be done with it now, which is nothing where nobody answered in the time that `approveMinutes` gives.
 */
export async function approval(
  state: SessionState,
  waiting: Ready,
  { isHeld, changed }: { readonly isHeld: () => boolean; readonly changed: () => void },
): Promise<Ready | null> {
  if (!needsYes(state, waiting)) return waiting;
  const { experiment, proposed } = waiting;
  const hypothesis = 'hypothesis' in proposed ? proposed.hypothesis : '';
  const { approveMinutes, approveThen = 'drop' } = state.input;
  const isAnswered = (): boolean => [...state.approved, ...state.vetoed].includes(experiment);
  state.asking = { experiment, hypothesis };
  changed();
  try {
    const isOver = (): boolean => isAnswered() || isHeld();
    if (approveMinutes === undefined) await condition(isOver);
    else if (!(await condition(isOver, approveMinutes * MS_PER_MINUTE))) {
      if (approveThen === 'drop') {
        const reason = `nobody said yes within ${approveMinutes} min`;
        return { ...waiting, proposed: { kind: 'dropped', reason, hypothesis } };
      }
      state.approved = [...state.approved, experiment];
    }
  } finally {
    state.asking = null;
    changed();
  }
  return isHeld() ? null : waiting;
}

/** What the person is asked, in words; null while nobody is. */
export function askingWords({ asking }: Pick<SessionState, 'asking'>): string | null {
  if (asking === null) return null;
  const { experiment: n, hypothesis } = asking;
  return `Experiment ${n} waits for your yes: ${hypothesis}. \`show ${n}\` shows it; then \`approve ${n}\`, or \`veto ${n}\`.`;
}
