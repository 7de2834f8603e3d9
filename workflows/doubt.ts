// Before a keep: is there anything that speaks against the candidate although the rule would keep it? Then it is
// quarantined, and a person sees why.
import type { Contract } from '../activities/contract.ts';
import type { Course } from '../src/domain/course.ts';
import type { Judgement } from '../src/domain/decide.ts';
import type { Trial } from '../src/domain/experiment.ts';
import type { Opinion } from '../src/domain/opinion.ts';
import { flagOf } from '../src/domain/flags.ts';
import { untrainedFlag } from '../src/domain/signs.ts';
import { asAsked, askedMetric } from '../src/domain/target.ts';
import { isSuspicious, refuseClaim } from './audit-line.ts';
import { unlessBlocked, whyNot } from './blocked.ts';
import { secondOpinion } from './second-opinion.ts';
import type { SessionState } from './state.ts';
import { runTrial } from './trial.ts';

/** A candidate that the rule would keep. */
export interface DoubtRequest {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly experiment: number;
  readonly commit: string;
  /** What it was made from. */
  readonly base: string;
  readonly trials: readonly Trial[];
  /** What is seen of it meanwhile, for its record. */
  readonly seen: Seen;
  readonly assessment: Judgement['assessment'];
  /** What is believed once it is kept. */
  readonly course: Course;
  readonly changed: () => void;
}

/** What looking for a doubt brings: starts without training, and what a reviewer said. */
export interface Seen {
  readonly starts: Trial[];
  opinion?: Opinion;
}

/** Above the numbers of an experiment's trials, below those of audits. */
const UNTRAINED_TRIAL = 500_000;

/** What becomes of a candidate that is not kept although its score says so. */
export interface Doubt {
  readonly verdict: 'quarantine' | 'failed';
  readonly reason: string;
}

/** What speaks against a candidate; null where nothing does. */
export async function doubtOf(request: DoubtRequest): Promise<Doubt | null> {
  const { state, contract, trials, assessment, course, changed } = request;
  const own = trials.filter(({ role }) => role === 'candidate');
  const shown = flagOf(state.usual, contract.task.metric, own);
  if (shown !== null) return { verdict: 'quarantine', reason: shown };
  const failed = await startUntrained(request);
  if (failed !== null) return { verdict: 'failed', reason: failed };
  const { task } = contract;
  const begun = untrainedFlag(askedMetric(task), asAsked(task, request.seen.starts), state.usual?.accepts);
  if (begun !== null) return { verdict: 'quarantine', reason: begun };
  const doubted = await secondOpinion(request);
  if (doubted !== null) return { verdict: 'quarantine', reason: doubted };
  const refused = isSuspicious(state, assessment) ? await refuseClaim({ state, contract, course, changed }) : null;
  return refused === null ? null : { verdict: 'quarantine', reason: refused };
}

/**
 * Starts it twice without training it, where the task says what knowing nothing scores; why that failed for the world's
 * sake, which says nothing of the candidate, in one sentence.
 */
export async function startUntrained({
  state,
  contract,
  experiment,
  commit,
  changed,
  seen: { starts },
}: Omit<DoubtRequest, 'base' | 'trials' | 'assessment' | 'course'>): Promise<string | null> {
  if (contract.task.metric.untrained === undefined) return null;
  for (const nth of [1, 2]) {
    const request = {
      contract,
      experiment,
      trial: UNTRAINED_TRIAL + nth,
      seedOf: nth,
      seconds: 0,
      role: 'untrained',
      commit,
      hypothesis: `start of experiment ${experiment} without training`,
      onStage: changed,
    } as const;
    const start = await unlessBlocked(state, () => runTrial(state, request), changed).catch(whyNot);
    if (typeof start === 'string') return start;
    if (start.crash?.fault === 'machine') return start.failure ?? 'no value';
    starts.push(start);
  }
  return null;
}
