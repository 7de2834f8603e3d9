// Before a keep: is there anything that speaks against the candidate although the rule would keep it? Then it is
// quarantined, and a person sees why.
import type { Contract } from '../activities/contract.ts';
import type { Course } from '../src/domain/course.ts';
import type { Judgement } from '../src/domain/decide.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { flagOf, untrainedFlag } from '../src/domain/flags.ts';
import { isSuspicious, refuseClaim } from './audit-line.ts';
import { unlessBlocked, whyNot } from './blocked.ts';
import type { SessionState } from './state.ts';
import { runTrial } from './trial.ts';

/** A candidate that the rule would keep. */
export interface DoubtRequest {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly experiment: number;
  readonly commit: string;
  readonly trials: readonly Trial[];
  readonly assessment: Judgement['assessment'];
  /** What is believed once it is kept. */
  readonly course: Course;
  readonly changed: () => void;
}

/** Above the numbers of an experiment's trials, below those of audits. */
const UNTRAINED_TRIAL = 500_000;

/** Why a candidate is not to be kept although its score says so; null where nothing speaks against it. */
export async function doubtOf(request: DoubtRequest): Promise<string | null> {
  const { state, contract, trials, assessment, course, changed } = request;
  const own = trials.filter(({ role }) => role === 'candidate');
  const flag = flagOf(state.usual, contract.task.metric, own) ?? (await whatItBeginsWith(request));
  if (flag !== null) return flag;
  return isSuspicious(state, assessment) ? await refuseClaim({ state, contract, course, changed }) : null;
}

/** Starts it twice without training it, where the task says what knowing nothing scores. */
async function whatItBeginsWith({
  state,
  contract,
  experiment,
  commit,
  changed,
}: DoubtRequest): Promise<string | null> {
  const { metric } = contract.task;
  if (metric.untrained === undefined) return null;
  const starts: Trial[] = [];
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
    if (typeof start === 'string') return `whether it brings along what it should learn could not be seen: ${start}`;
    starts.push(start);
  }
  return untrainedFlag(metric, starts);
}
