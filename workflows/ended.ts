// An experiment that is under way, and its record once it has ended.
import type { Contract, EndedExperiment } from '../activities/contract.ts';
import type { Course } from '../src/domain/course.ts';
import { RULE_VERSION, type Judgement } from '../src/domain/decide.ts';
import type { Opinion } from '../src/domain/opinion.ts';
import type { Trial, Verdict } from '../src/domain/experiment.ts';
import { decidedSoFar, noiseNow, ruleOf, type Ready, type SessionState } from './state.ts';

/** Records on their way into the ledger, one after the other: done once the last is written. */
export interface Writing {
  last: Promise<void>;
}

/** One experiment to run, with what the session lends it. */
export interface ExperimentRequest {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly waiting: Ready;
  /** What is believed when it begins, and judged by until it ends. */
  readonly course: Course;
  readonly changed: () => void;
  /** Called once the first training is under way: the moment to look ahead. */
  readonly onTraining: () => void;
  readonly writing: Writing;
}

/** An experiment that has begun. */
export interface Begun extends ExperimentRequest {
  readonly startedAt: string;
  /** How many experiments had their verdict then. */
  readonly begun: number;
}

/** An experiment's end before it is written down. */
export interface Ending extends Pick<Judgement, 'value' | 'gain' | 'reason' | 'assessment' | 'nearMiss'> {
  readonly verdict: Verdict;
  readonly trials: readonly Trial[];
  readonly starts?: readonly Trial[];
  readonly opinion?: Opinion;
  /** It would have been kept on its base, which is the incumbent no longer. */
  readonly overtaken?: true;
}

/** What goes into the ledger, if its verdict falls now. */
export function ended(one: Begun, ending: Ending): EndedExperiment {
  const { state, contract, course, startedAt } = one;
  const { incumbent } = course;
  const { experiment, proposed, accepted, parent } = one.waiting;
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
      ...(proposed.kind === 'proposal' && proposed.pooled !== undefined && { pooled: [...proposed.pooled] }),
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
      ...(ending.opinion !== undefined && { opinion: ending.opinion }),
      ...(accepted !== undefined && { accepted }),
      ...(parent !== undefined && { parent }),
      ...(ending.overtaken === true && { overtaken: true }),
      ...orderOf(one),
      startedAt,
      endedAt: new Date().toISOString(),
    },
  };
}

/** Said where it is not what the number says: one after the other. */
function orderOf({ state, begun, waiting: { experiment } }: Begun): Pick<EndedExperiment['record'], 'order'> {
  const decided = decidedSoFar(state) + 1;
  return begun + 1 === experiment && decided === experiment ? {} : { order: { begun, decided } };
}
