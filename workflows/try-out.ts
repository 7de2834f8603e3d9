// One candidate from its first trial to a verdict: trials of it and of the incumbent, as the rule asks for them.
import type { Contract } from '../activities/contract.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { evidenceOf, type Course } from '../src/domain/course.ts';
import { decide, type Decision, type Judgement } from '../src/domain/decide.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { leastOf } from '../src/domain/least-gain.ts';
import { unlessBlocked, whyNot } from './blocked.ts';
import { ruleOf, type SessionState } from './state.ts';
import { TIP_TRIAL } from './moved-line.ts';
import { runTrial, seedOf, type TrialRequest } from './trial.ts';

/** A candidate to try out. */
export interface Tryout {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly experiment: number;
  readonly proposed: Extract<Proposed, { kind: 'proposal' }>;
  /** What is believed when it begins. */
  readonly course: Course;
  /** Every trial of it is added here at once, so that none is lost when a person ends the session. */
  readonly trials: Trial[];
  readonly changed: () => void;
  /** Called once the first training is under way. */
  readonly onTraining: () => void;
}

/** Tries until the rule has a verdict. What is neither the idea's fault nor a person's to mend is `failed`. */
export async function tryOut(tryout: Tryout): Promise<Judgement> {
  const { state, contract, proposed, course, trials, changed, onTraining } = tryout;
  const { direction } = contract.task.metric;
  const least = leastOf(contract.task);
  const { netLines, pooled } = proposed;
  const tried = { rule: ruleOf(state), netLines, pooled, trials };
  for (;;) {
    const decision: Decision = decide({ ...evidenceOf(course, tried, direction), least });
    if (decision.kind === 'verdict') return decision;
    const onStage: TrialRequest['onStage'] = (stage) => {
      changed();
      if (stage === 'train' && trials.length === 0) onTraining();
    };
    const request = {
      ...(decision.arm === 'candidate' ? ofCandidate(tryout) : ofIncumbent(tryout)),
      contract,
      onStage,
    };
    const trial = await unlessBlocked(state, () => runTrial(state, request), changed).catch(whyNot);
    if (typeof trial === 'string')
      return { kind: 'verdict', verdict: 'failed', value: null, gain: null, reason: trial };
    trials.push(trial);
    if (trial.role === 'incumbent' && trial.missed !== undefined) state.missedBy = trial.commit;
  }
}

type Order = Omit<TrialRequest, 'contract' | 'onStage'>;

/** Its next trial. Numbers are seeds: those with which its arm was tried before are passed over. */
function ofCandidate({ contract, experiment, proposed, trials }: Tryout): Order {
  const { candidate: commit, hypothesis, pooled = [] } = proposed;
  const tried = trials.filter(({ role }) => role === 'candidate').length;
  const isTaken = (trial: number): boolean =>
    pooled.some(({ seed }) => seed === seedOf({ contract, experiment, trial }));
  const free = contract.seeds.map((_, index) => index + 1).filter((trial) => !isTaken(trial));
  return { experiment, trial: free[tried] ?? tried + 1, role: 'candidate', commit, hypothesis };
}

/** Another trial of the incumbent, numbered on among those of the experiment that made it. */
function ofIncumbent({ state, experiment, course }: Tryout): Order {
  const { commit, experiment: made } = course.incumbent;
  const order = { role: 'incumbent', commit, hypothesis: 'the incumbent again' } as const;
  // No experiment made this commit: its trials stand beside those of the running one.
  if (course.isSet === true) return { ...order, experiment, trial: ++state.tipTrials * TIP_TRIAL };
  // Numbers are folders and seeds: no two lanes measure it under the same one.
  const trial = Math.max(course.incumbentTrials, state.remeasured[commit] ?? 0) + 1;
  state.remeasured = { ...state.remeasured, [commit]: trial };
  return { ...order, experiment: made, trial };
}
