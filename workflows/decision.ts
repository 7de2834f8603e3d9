// An experiment's verdict, and where it leaves the session. A keep is written by one lane at a time, and no verdict falls
// meanwhile: so each knows its place among them, records are written in that order, and what a ledger tells is what was
// believed. Everything but a keep is believed at once and written beside what goes on.
import { CancellationScope, condition } from '@temporalio/workflow';
import { advance } from '../src/domain/course.ts';
import type { Committed } from '../src/domain/proposed.ts';
import { overtakenBy, trialsBehind } from '../src/domain/experiment.ts';
import { alsoUsual } from '../src/domain/flags.ts';
import { signsOf } from '../src/domain/signs.ts';
import { gitVerbs } from './activities.ts';
import { alone } from './alone.ts';
import { unlessBlocked } from './blocked.ts';
import { ended, type Begun, type Ending } from './ended.ts';
import { follow } from './line.ts';
import { askAboutMove } from './moved-line.ts';
import { adoptRecord } from './recorded.ts';
import { book, type SessionState } from './state.ts';

/** What is decided is written down, whoever ends the session meanwhile. */
export const uncancelled = <T>(act: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(act);

/** Whether the incumbent is another by now than the one it was made from and is judged against. */
export const isOvertaken = ({ state, course }: Begun): boolean =>
  state.course?.incumbent.commit !== course.incumbent.commit;

/** What becomes of what the rule would keep, and why. `undecided`: on the line as it is now nobody has tried it. */
export const NOT_KEPT = {
  /** What was better than the line before it was moved need not be better than the line now. */
  moved: { verdict: 'undecided', reason: 'somebody moved the kept line during this experiment' },
  overtaken: {
    verdict: 'undecided',
    reason: 'better than its base, which is the incumbent no longer: its edit is tried once more on the new one',
    overtaken: true,
  },
} as const;

/** Ends it with a verdict other than keep; resolves once that holds, and it is written after everything before it. */
export async function settle(one: Begun, ending: Ending): Promise<void> {
  const { state, contract, writing, changed } = one;
  while (state.deciding) await condition(() => !state.deciding);
  const input = ended(one, ending);
  const { experiment } = input.record;
  // At once, not when it is written: the next experiment is judged by what this one told.
  believe(one, input.record);
  if (ending.overtaken === true) state.overtaken = [...state.overtaken, overtakenBy(input.record)];
  bookEnding(one, ending, input.record.hypothesis);
  const write = async (before: Promise<void>): Promise<void> => {
    await before;
    const revert = () => gitVerbs(contract).revert(input);
    const standing = await unlessBlocked(state, revert, changed, 'until resumed');
    if (standing?.kind === 'recorded') adoptRecord(state, contract, standing, 'booked');
    state.unwritten = state.unwritten.filter((other) => other !== experiment);
  };
  state.unwritten = [...state.unwritten, experiment];
  writing.last = write(writing.last);
  writing.last.catch(() => {}); // thrown where it is awaited: before the next keep, and at the end
}

/** Writes a keep and moves the incumbent; or says why it is none: the line, or the incumbent, is another by now. */
export async function keep(one: Begun, ending: Ending): Promise<'kept' | keyof typeof NOT_KEPT> {
  const { state, contract, course, writing, changed } = one;
  return await alone(state, 'deciding', async () => {
    await writing.last;
    if (isOvertaken(one)) return 'overtaken';
    const input = { ...ended(one, ending), tip: course.incumbent.commit };
    let { record } = input;
    for (;;) {
      const commit = (): Promise<Committed> => gitVerbs(contract).commit(input);
      const committed = await unlessBlocked(state, commit, changed, 'until resumed');
      if (committed.kind === 'committed') {
        record = { ...record, candidate: committed.commit ?? record.candidate };
        break;
      }
      if (committed.kind === 'recorded') {
        adoptRecord(state, contract, committed);
        leave(state, input.record.experiment);
        changed();
        return 'kept';
      }
      if (committed.found === state.acceptedTip && committed.problem === undefined) return 'moved';
      await askAboutMove({ state, contract, moved: committed, changed });
    }
    believe(one, record);
    if (trialsBehind(record).some(({ tier }) => tier === 'B')) state.tier = 'B';
    const { trials, starts } = ending;
    if (one.waiting.accepted !== undefined)
      state.usual = alsoUsual(state.usual, trials, signsOf(contract.task, trials, starts));
    bookEnding(one, ending, input.record.hypothesis);
    return 'kept';
  });
}

/** A step from what is believed now, which may be more than it was judged by. */
function believe({ state, contract, course }: Begun, record: ReturnType<typeof ended>['record']): void {
  follow(state, advance(state.course ?? course, record, contract.task.metric.direction));
}

function bookEnding({ state, course, waiting, changed }: Begun, ending: Ending, hypothesis: string): void {
  const { experiment } = waiting;
  const { verdict, value, gain, reason, trials, assessment } = ending;
  const judged = assessment === undefined ? {} : { better: assessment.better };
  const incumbent = course.incumbent.value;
  leave(state, experiment);
  state.vetoed = state.vetoed.filter((one) => one !== experiment);
  book(state, { experiment, verdict, value, gain, ...judged, incumbent, trials: trials.length, hypothesis, reason });
  changed();
}

/** It is tried no longer. */
function leave(state: SessionState, experiment: number): void {
  state.trying = state.trying.filter((one) => one.experiment !== experiment);
}
