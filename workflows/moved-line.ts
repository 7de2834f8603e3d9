import type { Contract } from '../activities/contract.ts';
import type { Moved } from '../src/domain/proposed.ts';
import { moveTo, rolledBack, type Course } from '../src/domain/course.ts';
import { alsoUsual } from '../src/domain/flags.ts';
import type { Direction } from '../src/domain/task.ts';
import type { Trial } from '../src/domain/experiment.ts';
import type { MovedEvent } from '../src/domain/ledger.ts';
import { keptBranch } from '../src/domain/names.ts';
import { whyNoValue } from '../src/domain/target.ts';
import { block, unlessBlocked, whyNot } from './blocked.ts';
import { calibrationTrials } from './calibrate.ts';
import { startLine } from './line.ts';
import type { SessionState } from './state.ts';
import { runTrial, type TrialRequest } from './trial.ts';
import { writeEvent } from './write-event.ts';

/** A line that somebody else moved. */
export interface MoveRequest {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly moved: Moved;
  readonly changed: () => void;
}

/** Blocks with both commits. After `resume` the move counts as wanted, unless it is another one by then. */
export async function askAboutMove({ state, contract, moved, changed }: MoveRequest): Promise<void> {
  const { expected, found, problem } = moved;
  const what = `Somebody moved ${keptBranch(contract.tag)}: expected ${expected}, found ${found}.`;
  const back = 'set the branch back to the first';
  const way =
    problem === undefined
      ? `Resume to measure the second and go on from it; or ${back} before.`
      : `${problem} To go on, ${back}, then resume.`;
  await block(state, `${what} ${way}`, changed);
  state.acceptedTip = problem === undefined ? found : null;
}

/** Goes on from the moved line where a person wants that, else asks. `next` is the coming experiment. */
export async function dealWithMove(request: MoveRequest, next: number): Promise<void> {
  const { state, moved } = request;
  if (moved.found === state.acceptedTip && moved.problem === undefined) await goOnFrom(request, next);
  else await askAboutMove(request);
}

/**
 * Goes on from where somebody else set the kept line: measures that commit as the baseline was, writes the move down
 * and makes it the incumbent. What gives no value blocks, and a person decides anew.
 */
async function goOnFrom({ state, contract, moved, changed }: MoveRequest, next: number): Promise<void> {
  const { expected: from, found: to } = moved;
  state.acceptedTip = null;
  const hypothesis = 'the commit that somebody set the kept line to';
  const trials = await measureTip({ state, contract, changed }, { commit: to, experiment: next, hypothesis });
  if (typeof trials === 'string') {
    const problem = `${to}, which somebody set the kept line to, gave no value that counts: ${trials}`;
    await block(state, `${problem} Set the branch to another commit, then resume; or stop the session.`, changed);
    return;
  }
  const { direction } = contract.task.metric;
  const at = new Date().toISOString();
  const event: MovedEvent = { version: 1, kind: 'moved', at, from, to, after: next - 1, trials };
  const held = await writeEvent({
    state,
    contract,
    event,
    isSame: (standing): standing is MovedEvent => standing.kind === 'moved' && standing.to === to,
    changed,
    patience: 'until resumed or stopped',
  });
  const there = state.course && courseAt(state.course, held, { line: state.line, event, direction });
  if (there !== null) startLine(state, there);
  state.usual = alsoUsual(state.usual, trials);
  if (trials.some(({ tier }) => tier === 'B')) state.tier = 'B';
  changed();
}

/** Measures a commit that the line is to be set to, as the baseline was; why, where it gives no value. */
export async function measureTip(
  { state, contract, changed }: Omit<MoveRequest, 'moved'>,
  order: Pick<TrialRequest, 'commit' | 'experiment' | 'hypothesis'>,
): Promise<Trial[] | string> {
  const trials: Trial[] = [];
  while (trials.length < calibrationTrials(state)) {
    const trial = ++state.tipTrials * TIP_TRIAL;
    const request = { ...order, contract, trial, role: 'incumbent', onStage: changed } as const;
    const result = await unlessBlocked(state, () => runTrial(state, request), changed).catch(whyNot);
    if (typeof result === 'string') return result;
    const why = whyNoValue(contract.task, result);
    if (why !== undefined) return why;
    trials.push(result);
  }
  return trials;
}

/** What is believed where the line is now; where the session itself had set it back, what was believed then. */
function courseAt(
  course: Course,
  held: MovedEvent,
  {
    line,
    event,
    direction,
  }: { readonly line: readonly Course[]; readonly event: MovedEvent; readonly direction: Direction },
): Course | null {
  const target = line.find(({ incumbent }) => incumbent.commit === held.restores?.commit);
  if (target !== undefined) return rolledBack(course, target, held.to);
  return moveTo(course, held.restores === undefined ? held : event, direction);
}

/** Above any trial of an experiment, and one more than a multiple of the number of seeds, so that each is trained with another seed. */
export const TIP_TRIAL = 1601;
