import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Committed, Contract, EndedExperiment } from '../activities/contract.ts';
import { advance, type Course } from '../src/domain/course.ts';
import { RULE_VERSION, type Judgement } from '../src/domain/decide.ts';
import type { Trial, Verdict } from '../src/domain/experiment.ts';
import { Stopped, unlessBlocked } from './blocked.ts';
import { askAboutMove } from './moved-line.ts';
import { doubtOf, type Doubt } from './doubt.ts';
import { alsoUsual } from '../src/domain/flags.ts';
import { gitVerbs } from './activities.ts';
import { follow } from './line.ts';
import { book, noiseNow, ruleOf, type Ready, type SessionState } from './state.ts';
import { adoptRecord } from './recorded.ts';
import { tryOut } from './try-out.ts';
import { orVetoed, unlessVetoed } from './veto.ts';

/** An experiment's end before it is written down. */
interface Ending extends Pick<Judgement, 'value' | 'gain' | 'reason' | 'assessment' | 'nearMiss'> {
  readonly verdict: Verdict;
  readonly trials: readonly Trial[];
  readonly starts?: readonly Trial[];
}

/** One experiment to run, with what the session lends it. */
export interface ExperimentRequest {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly waiting: Ready;
  /** What is believed when it begins. */
  readonly course: Course;
  readonly changed: () => void;
  /** Called once the first training is under way: the moment to look ahead. */
  readonly onTraining: () => void;
  /** Resolves when the ledger holds everything before this experiment. */
  readonly ledger: Promise<void>;
}

/**
 * Runs one experiment from its proposal to its verdict and writes it down: a keep before it returns, because the next
 * experiment starts from it; anything else in the returned `written`, so that the device need not wait for git.
 */
export async function runExperiment(request: ExperimentRequest): Promise<{ written: Promise<void> }> {
  const startedAt = new Date().toISOString();
  const trials: Trial[] = [];
  try {
    const ending = orVetoed(request, await reachVerdict(request, trials));
    if (ending.verdict !== 'keep') return { written: uncancelled(() => settle(request, ending, startedAt)) };
    await request.ledger;
    const starts: Trial[] = [];
    const doubted = await doubt(request, ending, { startedAt, starts });
    const wanted = orVetoed(request, { ...ending, ...doubted });
    if (wanted.verdict !== 'keep') {
      const held = { ...wanted, starts };
      return { written: uncancelled(() => settle(request, held, startedAt)) };
    }
    if (await uncancelled(() => keep(request, { ...ending, starts }, startedAt))) return { written: Promise.resolve() };
    const moved = { ...ending, starts, verdict: 'undecided', reason: MOVED } as const;
    return { written: uncancelled(() => settle(request, moved, startedAt)) };
  } catch (error) {
    if (!isCancellation(error) && !(error instanceof Stopped)) throw error;
    // A person ended the session in the middle: this experiment was neither better nor worse.
    const reason = 'the session was ended during this experiment';
    const ending = { ...NOTHING, trials, verdict: 'undecided', reason } as const;
    await uncancelled(() => settle(request, ending, startedAt));
    throw error;
  }
}

/** What speaks against keeping it, in one sentence; null where nothing does. */
async function doubt(
  request: ExperimentRequest,
  ending: Ending,
  { startedAt, starts }: { readonly startedAt: string; readonly starts: Trial[] },
): Promise<Doubt | null> {
  const { state, contract, changed } = request;
  const { record } = ended(request, ending, startedAt);
  const { experiment, candidate, trials } = record;
  if (candidate === null || request.waiting.accepted !== undefined) return null; // a person has looked at it
  const course = advance(request.course, record, contract.task.metric.direction);
  const { assessment } = ending;
  return await doubtOf({ state, contract, experiment, commit: candidate, trials, starts, assessment, course, changed });
}

/** What is decided is written down, whoever ends the session meanwhile. */
const uncancelled = <T>(act: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(act);

const NOTHING = { value: null, gain: null } as const;

/** Tries the candidate out, if there is one. */
async function reachVerdict(request: ExperimentRequest, trials: Trial[]): Promise<Ending> {
  const { waiting, ...rest } = request;
  const { state } = request;
  const { experiment, proposed } = waiting;
  if (proposed.kind === 'proposal') {
    const verdict = await unlessVetoed(state, experiment, () => tryOut({ ...rest, experiment, proposed, trials }));
    return { ...verdict, trials };
  }
  return { ...NOTHING, trials, verdict: proposed.kind === 'failed' ? 'failed' : 'dropped', reason: proposed.reason };
}

function ended(request: ExperimentRequest, ending: Ending, startedAt: string): EndedExperiment {
  const { state, contract, course } = request;
  const { incumbent } = course;
  const { experiment, proposed } = request.waiting;
  return {
    contract,
    record: {
      experiment,
      verdict: ending.verdict,
      reason: ending.reason,
      hypothesis: 'hypothesis' in proposed ? proposed.hypothesis : '',
      base: proposed.kind === 'proposal' ? proposed.base : incumbent.commit,
      candidate: proposed.kind === 'proposal' ? proposed.candidate : null,
      trials: [...ending.trials],
      value: ending.value,
      gain: ending.gain,
      noise: ending.assessment?.noise ?? noiseNow({ course }),
      incumbent: { commit: incumbent.commit, value: incumbent.value },
      rule: ruleOf(state),
      ruleVersion: RULE_VERSION,
      ...(proposed.kind === 'proposal' && proposed.netLines !== undefined && { netLines: proposed.netLines }),
      ...('work' in proposed && proposed.work !== undefined && { work: proposed.work }),
      ...(ending.assessment !== undefined && { assessment: ending.assessment }),
      ...(ending.nearMiss === true && { nearMiss: true }),
      ...(ending.starts !== undefined && ending.starts.length > 0 && { starts: [...ending.starts] }),
      ...(request.waiting.accepted !== undefined && { accepted: request.waiting.accepted }),
      startedAt,
      endedAt: new Date().toISOString(),
    },
  };
}

/** Writes a verdict other than keep, after everything before it. */
async function settle(request: ExperimentRequest, ending: Ending, startedAt: string): Promise<void> {
  const { state, contract } = request;
  const input = ended(request, ending, startedAt);
  // At once, not when it is written: the next experiment is judged by what this one told.
  follow(state, advance(request.course, input.record, contract.task.metric.direction));
  bookEnding(request, ending, input.record.hypothesis);
  await request.ledger;
  const standing = await unlessBlocked(state, () => gitVerbs(contract).revert(input), request.changed, 'until resumed');
  if (standing?.kind === 'recorded') adoptRecord(state, contract, standing, 'booked');
}

/** What was better than the line before it was moved need not be better than the line now. */
const MOVED = 'somebody moved the kept line during this experiment';

/** Writes a keep and moves the incumbent. False where somebody else moved the kept line and a person wants it there. */
async function keep(request: ExperimentRequest, ending: Ending, startedAt: string): Promise<boolean> {
  const { state, contract, course } = request;
  const input = { ...ended(request, ending, startedAt), tip: course.incumbent.commit };
  for (;;) {
    const commit = (): Promise<Committed> => gitVerbs(contract).commit(input);
    const committed = await unlessBlocked(state, commit, request.changed, 'until resumed');
    if (committed.kind === 'committed') break;
    if (committed.kind === 'recorded') {
      adoptRecord(state, contract, committed);
      request.changed();
      return true;
    }
    if (committed.found === state.acceptedTip && committed.problem === undefined) return false;
    await askAboutMove({ state, contract, moved: committed, changed: request.changed });
  }
  follow(state, advance(course, input.record, contract.task.metric.direction));
  if (ending.trials.some((trial) => trial.tier === 'B')) state.tier = 'B';
  if (request.waiting.accepted !== undefined) state.usual = alsoUsual(state.usual, ending.trials, true);
  bookEnding(request, ending, input.record.hypothesis);
  return true;
}

function bookEnding(request: ExperimentRequest, ending: Ending, hypothesis: string): void {
  const { experiment } = request.waiting;
  const { verdict, value, gain, reason, trials } = ending;
  const incumbent = request.course.incumbent.value;
  request.state.trying = null;
  request.state.vetoed = request.state.vetoed.filter((one) => one !== experiment);
  book(request.state, { experiment, verdict, value, gain, incumbent, trials: trials.length, hypothesis, reason });
  request.changed();
}
