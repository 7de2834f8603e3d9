// The scale check: whether the gain that an audit has just found is there in longer trainings too.
import { auditEvidence, splitOf } from '../src/domain/audit-evidence.ts';
import { judgeClaim } from '../src/domain/audit.ts';
import type { Trial } from '../src/domain/experiment.ts';
import type { AuditEvent, ScaleEvent } from '../src/domain/ledger.ts';
import { mean } from '../src/domain/noise.ts';
import { retained } from '../src/domain/scale.ts';
import { freshTrials, type AuditRequest } from './audit.ts';
import { writeEvent } from './write-event.ts';

/** Of each commit at each multiple: longer trainings are dear, and what is asked is whether half of the gain is left. */
const SCALE_TRIALS = 2;

type Means = Pick<AuditRequest, 'state' | 'contract' | 'changed'>;

/** Measures the audited gain for every multiple of the time that the session was asked for, and writes down what is left. */
export async function checkScale(means: Means, audited: AuditEvent): Promise<void> {
  const { state, changed } = means;
  // Of no gain no share can be left.
  if (audited.gain === null || audited.gain <= 0) return;
  state.auditing++;
  try {
    for (const times of state.input.scale ?? []) {
      const event = await checkOne(means, audited, times);
      if (state.stop !== 'no') return;
      if (event === null)
        state.notices = [...state.notices, `Trainings of ${times} × the time gave no value: nothing is told of them.`];
      else state.scale = [...state.scale, event];
      changed();
    }
  } finally {
    state.auditing--;
  }
}

async function checkOne(means: Means, audited: AuditEvent, times: number): Promise<ScaleEvent | null> {
  const { state, contract, changed } = means;
  const { course } = state;
  if (course === null) return null;
  const trials = await measure(means, times);
  const of = (commit: string): Trial[] => trials.filter((trial) => trial.commit === commit);
  const evidence = auditEvidence({
    course,
    before: of(audited.baseline),
    after: of(audited.commit),
    split: splitOf(contract.task),
    direction: contract.task.metric.direction,
  });
  if (evidence === null || state.stop !== 'no') return null;
  const { gain, stderr } = judgeClaim(evidence, 'end');
  if (gain === null || stderr === null || audited.gain === null || audited.stderr === null) return null;
  const short = { gain: audited.gain, stderr: audited.stderr, seconds: meanSeconds(audited.trials) };
  const long = { gain, stderr, seconds: meanSeconds(trials) };
  const event: ScaleEvent = {
    version: 1,
    kind: 'scale',
    at: new Date().toISOString(),
    commit: audited.commit,
    baseline: audited.baseline,
    split: audited.split,
    times,
    trials: trials.map(({ documents: _documents, ...trial }) => trial),
    gain,
    stderr,
    ...retained({ times, short, long, degrees: evidence.degrees }),
  };
  return await writeEvent({
    state,
    contract,
    event,
    isSame: (standing): standing is ScaleEvent =>
      standing.kind === 'scale' && standing.commit === event.commit && standing.times === times,
    changed,
  });
}

/** Of the trainings that led to a value. */
const meanSeconds = (trials: readonly Trial[]): number =>
  mean(trials.flatMap(({ value, seconds }) => (value === null ? [] : [seconds])));

/** Baseline and best, turn by turn. */
async function measure(means: Means, times: number): Promise<Trial[]> {
  const { course, input } = means.state;
  if (course === null) return [];
  const seconds = times * (input.trialSeconds ?? means.contract.task.train.seconds);
  return freshTrials(means, {
    arms: [course.baseline, course.incumbent],
    turns: SCALE_TRIALS,
    purpose: { role: 'scale', what: `${times} × the time`, seconds },
    isLeft: () => means.state.stop !== 'no',
  });
}
