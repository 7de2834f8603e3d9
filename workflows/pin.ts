import type { Contract } from '../activities/contract.ts';
import { moveTo, rolledBack } from '../src/domain/course.ts';
import { alsoUsual } from '../src/domain/flags.ts';
import type { LedgerEvent, MovedEvent } from '../src/domain/ledger.ts';
import { gitVerbs } from './activities.ts';
import { unlessBlocked, whyNot } from './blocked.ts';
import { startLine } from './line.ts';
import { measureTip } from './moved-line.ts';
import { nextTurn, type SessionState } from './state.ts';
import { writeEvent } from './write-event.ts';

/** What a pin needs. */
interface Means {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly changed: () => void;
}

/**
 * Goes on from what a person wants as incumbent: the candidate of an experiment, kept or not, or the baseline. The line is
 * set there by a commit on it, nothing is rewritten. What is not believed already is measured as the baseline was; what
 * gives no value is not taken, and the person is told.
 */
export async function pinLine(means: Means): Promise<void> {
  const { state } = means;
  const { pin: experiment, course } = state;
  if (experiment === null || course === null) return;
  const where = experiment === 0 ? 'the baseline' : `experiment ${experiment}`;
  const problem =
    course.incumbent.experiment === experiment ? 'it is there already' : await setTo(means, experiment, where);
  state.pin = null;
  const said =
    problem === null
      ? `The line goes on from ${where}, as a person wants, in ${state.course?.incumbent.commit.slice(0, 7)}.`
      : `The line does not go on from ${where}: ${problem}.`;
  state.notices = [...state.notices, said];
  means.changed();
}

/** Null once the line is there; else why it is not. */
async function setTo({ state, contract, changed }: Means, experiment: number, where: string): Promise<string | null> {
  const { course } = state;
  if (course === null) return null;
  const at = new Date().toISOString();
  const tip = course.incumbent.commit;
  const message = `Back to ${where}\n\nA person wants the session to go on from there.\n`;
  const restore = () => gitVerbs(contract).restore({ contract, tip, experiment, message, at });
  const made = await unlessBlocked(state, restore, changed).catch(whyNot);
  if (typeof made === 'string') return made.replace(/\.$/, '');
  const { commit: to, target: commit = to } = made;
  const known = state.line.find(({ incumbent }) => incumbent.commit === commit);
  const next = nextTurn(state);
  const order = { commit: to, experiment: next, hypothesis: `${where}, where a person sets the line` };
  const trials = known === undefined ? await measureTip({ state, contract, changed }, order) : [];
  if (typeof trials === 'string') return `it gives no value that counts (${trials.replace(/\.$/, '')})`;
  const event: MovedEvent = {
    version: 1,
    kind: 'moved',
    at,
    from: tip,
    to,
    after: next - 1,
    trials,
    restores: { commit, experiment },
  };
  const isSame = (standing: LedgerEvent): standing is MovedEvent => standing.kind === 'moved' && standing.to === to;
  const patience = 'until resumed or stopped';
  const held = await writeEvent({ state, contract, event, isSame, changed, patience });
  const { direction } = contract.task.metric;
  const there = known === undefined ? moveTo(course, held, direction) : rolledBack(course, known, held.to);
  if (there !== null) startLine(state, there);
  state.usual = alsoUsual(state.usual, held.trials);
  return null;
}
