import { isCancellation } from '@temporalio/workflow';
import { advance } from '../src/domain/course.ts';
import { trialsBehind, type Trial } from '../src/domain/experiment.ts';
import { Stopped } from './blocked.ts';
import { NOT_KEPT, isOvertaken, keep, settle, uncancelled } from './decision.ts';
import { doubtOf, startUntrained, type Doubt, type Seen } from './doubt.ts';
import { ended, type Begun, type Ending, type ExperimentRequest } from './ended.ts';
import { decidedSoFar } from './state.ts';
import { tryOut } from './try-out.ts';
import { orVetoed, unlessVetoed } from './veto.ts';

/**
 * Runs one experiment from its proposal to its verdict and writes it down: a keep before it returns, because the next
 * experiment starts from it; anything else in `writing`, so that the device need not wait for git.
 */
export async function runExperiment(request: ExperimentRequest): Promise<void> {
  const one: Begun = { ...request, startedAt: new Date().toISOString(), begun: decidedSoFar(request.state) };
  const trials: Trial[] = [];
  const seen: Seen = { starts: [] };
  try {
    const ending = orVetoed(one, await reachVerdict(one, trials));
    if (ending.verdict !== 'keep') return await uncancelled(() => settle(one, ending));
    await one.writing.last;
    const doubted = isOvertaken(one) ? null : await doubt(one, ending, seen);
    const wanted = orVetoed(one, { ...ending, ...doubted });
    if (wanted.verdict !== 'keep') return await uncancelled(() => settle(one, { ...wanted, ...seen }));
    const kept = await uncancelled(() => keep(one, { ...ending, ...seen }));
    if (kept !== 'kept') await uncancelled(() => settle(one, { ...ending, ...seen, ...NOT_KEPT[kept] }));
  } catch (error) {
    if (!isCancellation(error) && !(error instanceof Stopped)) throw error;
    // A person ended the session in the middle: this experiment was neither better nor worse.
    const reason = 'the session was ended during this experiment';
    const ending = { ...NOTHING, ...seen, trials, verdict: 'undecided', reason } as const;
    await uncancelled(() => settle(one, ending));
    throw error;
  }
}

/** What speaks against keeping it, in one sentence; null where nothing does. */
async function doubt(one: Begun, ending: Ending, seen: Seen): Promise<Doubt | null> {
  const { state, contract, changed } = one;
  const { record } = ended(one, ending);
  const { experiment, candidate, base } = record;
  if (candidate === null) return null;
  if (one.waiting.accepted !== undefined) {
    // A person has looked at it; what it begins with is usual from then on, and speaks against nobody else.
    await startUntrained({ state, contract, experiment, commit: candidate, seen, changed });
    return null;
  }
  const course = advance(one.course, record, contract.task.metric.direction);
  const { assessment } = ending;
  return await doubtOf({
    state,
    contract,
    experiment,
    commit: candidate,
    base,
    trials: trialsBehind(record),
    seen,
    assessment,
    course,
    changed,
  });
}

const NOTHING = { value: null, gain: null } as const;

/** Tries the candidate out, if there is one. */
async function reachVerdict(one: Begun, trials: Trial[]): Promise<Ending> {
  const { waiting, state } = one;
  const { experiment, proposed } = waiting;
  if (proposed.kind === 'proposal') {
    const verdict = await unlessVetoed(state, experiment, () => tryOut({ ...one, experiment, proposed, trials }));
    return { ...verdict, trials };
  }
  return { ...NOTHING, trials, verdict: proposed.kind === 'failed' ? 'failed' : 'dropped', reason: proposed.reason };
}
