import { ActivityFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Committed, Contract, EndedExperiment } from '../activities/contract.ts';
import { beliefIn, type Belief } from '../src/domain/belief.ts';
import { decide } from '../src/domain/decide.ts';
import type { Trial, Verdict } from '../src/domain/experiment.ts';
import { Stopped, failureText, unlessBlocked } from './blocked.ts';
import { askAboutMove } from './moved-line.ts';
import { gitVerbs } from './activities.ts';
import { book, type Ready, type SessionState } from './state.ts';
import { adoptRecord } from './recorded.ts';
import { runTrial } from './trial.ts';

/** An experiment's end before it is written down. */
interface Ending {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly trials: readonly Trial[];
  readonly value: number | null;
  readonly gain: number | null;
}

/** One experiment to run, with what the session lends it. */
export interface ExperimentRequest {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly waiting: Ready;
  readonly incumbent: Belief;
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
  try {
    const ending = await tryOut(request);
    if (ending.verdict !== 'keep') return { written: uncancelled(() => settle(request, ending, startedAt)) };
    await request.ledger;
    if (await uncancelled(() => keep(request, ending, startedAt))) return { written: Promise.resolve() };
    const moved = { ...ending, verdict: 'undecided', reason: MOVED } as const;
    return { written: uncancelled(() => settle(request, moved, startedAt)) };
  } catch (error) {
    if (!isCancellation(error) && !(error instanceof Stopped)) throw error;
    // A person ended the session in the middle: this experiment was neither better nor worse.
    const ending = {
      ...NOTHING,
      verdict: 'undecided',
      reason: 'the session was ended during this experiment',
    } as const;
    await uncancelled(() => settle(request, ending, startedAt));
    throw error;
  }
}

/** What is decided is written down, whoever ends the session meanwhile. */
const uncancelled = <T>(act: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(act);

const NOTHING = { trials: [], value: null, gain: null } as const;

async function tryOut(request: ExperimentRequest): Promise<Ending> {
  const { proposed } = request.waiting;
  if (proposed.kind === 'proposal') return trialsToVerdict(request, proposed);
  return { ...NOTHING, verdict: proposed.kind === 'failed' ? 'failed' : 'dropped', reason: proposed.reason };
}

async function trialsToVerdict(
  request: ExperimentRequest,
  proposed: { readonly candidate: string; readonly hypothesis: string },
): Promise<Ending> {
  const { state, contract, incumbent, changed } = request;
  const { candidate: commit, hypothesis } = proposed;
  const trials: Trial[] = [];
  for (;;) {
    const { direction } = contract.task.metric;
    const rule = state.input.rule ?? 'greedy';
    const decision = decide({ rule, direction, incumbent: incumbent.value, noise: state.noise, trials });
    if (decision.kind === 'verdict') return { ...decision, trials };
    const { experiment } = request.waiting;
    const onStage = (): void => {
      changed();
      if (state.running?.stage === 'train' && trials.length === 0) request.onTraining();
    };
    const trial = {
      contract,
      experiment,
      trial: trials.length + 1,
      role: 'candidate',
      commit,
      hypothesis,
      onStage,
    } as const;
    try {
      trials.push(await unlessBlocked(state, () => runTrial(state, trial), changed));
    } catch (error) {
      // Neither the idea's fault nor a person's to mend: this experiment is lost, the session is not.
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return { ...NOTHING, trials, verdict: 'failed', reason: failureText(error) };
    }
  }
}

function ended(request: ExperimentRequest, ending: Ending, startedAt: string): EndedExperiment {
  const { state, contract, incumbent } = request;
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
      noise: state.noise,
      incumbent: { commit: incumbent.commit, value: incumbent.value },
      rule: state.input.rule ?? 'greedy',
      startedAt,
      endedAt: new Date().toISOString(),
    },
  };
}

/** Writes a verdict other than keep, after everything before it. */
async function settle(request: ExperimentRequest, ending: Ending, startedAt: string): Promise<void> {
  const { state, contract } = request;
  const input = ended(request, ending, startedAt);
  bookEnding(request, ending, input.record.hypothesis);
  await request.ledger;
  const standing = await unlessBlocked(state, () => gitVerbs(contract).revert(input), request.changed, 'until resumed');
  if (standing?.kind === 'recorded') adoptRecord(state, standing, 'booked');
}

/** What was better than the line before it was moved need not be better than the line now. */
const MOVED = 'somebody moved the kept line during this experiment';

/** Writes a keep and moves the incumbent. False where somebody else moved the kept line and a person wants it there. */
async function keep(request: ExperimentRequest, ending: Ending, startedAt: string): Promise<boolean> {
  const { state, contract, incumbent } = request;
  const input = { ...ended(request, ending, startedAt), tip: incumbent.commit };
  for (;;) {
    const commit = (): Promise<Committed> => gitVerbs(contract).commit(input);
    const committed = await unlessBlocked(state, commit, request.changed, 'until resumed');
    if (committed.kind === 'committed') break;
    if (committed.kind === 'recorded') {
      adoptRecord(state, committed);
      request.changed();
      return true;
    }
    if (committed.found === state.acceptedTip && committed.problem === undefined) return false;
    await askAboutMove({ state, contract, moved: committed, changed: request.changed });
  }
  const { proposed, experiment } = request.waiting;
  if (proposed.kind !== 'proposal' || ending.value === null) return true;
  const { noise } = state;
  const trials = ending.trials.length;
  state.incumbent = beliefIn({ commit: proposed.candidate, experiment, value: ending.value, noise, trials });
  if (ending.trials.some((trial) => trial.tier === 'B')) state.tier = 'B';
  bookEnding(request, ending, proposed.hypothesis);
  return true;
}

function bookEnding(request: ExperimentRequest, ending: Ending, hypothesis: string): void {
  const { experiment } = request.waiting;
  const { verdict, value, gain, reason, trials } = ending;
  book(request.state, { experiment, verdict, value, gain, trials: trials.length, hypothesis, reason });
  request.changed();
}
