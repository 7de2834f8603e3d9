import type { Contract } from '../activities/contract.ts';
import { judgeClaim } from '../src/domain/audit.ts';
import { auditEvidence } from '../src/domain/audit-evidence.ts';
import type { Belief } from '../src/domain/belief.ts';
import type { Course } from '../src/domain/course.ts';
import type { Trial } from '../src/domain/experiment.ts';
import type { AuditEvent } from '../src/domain/ledger.ts';
import { unlessBlocked, whilePaused, whyNot } from './blocked.ts';
import { ruleOf, type SessionState } from './state.ts';
import { runTrial } from './trial.ts';
import { writeEvent } from './write-event.ts';

/** Of each of the two commits, all with seeds that nobody ever knew: an over-claim of 2 s is then found mostly. */
const AUDIT_TRIALS = 8;
/** Above any number that a trial of an experiment gets, so that each audit trial has a folder of its own. */
const AUDIT_TRIAL = 1_000_000;

/** Whether a session that ends like this has a claim to measure again. */
export function wantsAudit({ input, course, stop, contract, over }: SessionState): boolean {
  const wanted = input.audit ?? (ruleOf({ input }) === 'greedy' ? 'none' : 'end');
  // A person who stops it wants the end now, not in an hour; and what its ledger calls ended was audited, or was not to be.
  return (
    wanted === 'end' && stop === 'no' && over === null && contract !== null && course !== null && hasGained(course)
  );
}

const hasGained = ({ baseline, incumbent }: Course): boolean => baseline.commit !== incumbent.commit;

/**
 * Measures what the session claims once more: baseline and best, turn by turn, on sealed data where the task has some,
 * and writes what came of it into the ledger. What gives no value is left out; without any value there is no audit.
 */
export async function audit(
  state: SessionState,
  contract: Contract,
  course: Course,
  changed: () => void,
): Promise<void> {
  state.phase = 'auditing';
  changed();
  const trials: Trial[] = [];
  for (let turn = 0; turn < AUDIT_TRIALS; turn++) {
    for (const arm of turn % 2 === 0 ? [course.baseline, course.incumbent] : [course.incumbent, course.baseline]) {
      await whilePaused(state, changed);
      if (state.stop !== 'no') return;
      const trial = await auditTrial(state, contract, arm, changed);
      if (trial !== null) trials.push(trial);
    }
  }
  const evidence = auditEvidence({ course, trials, direction: contract.task.metric.direction });
  if (evidence === null) {
    state.notices = [...state.notices, 'The audit at the end gave no value: the gain stands as it is claimed.'];
    return;
  }
  const event: AuditEvent = {
    version: 1,
    kind: 'audit',
    at: new Date().toISOString(),
    commit: course.incumbent.commit,
    baseline: course.baseline.commit,
    split: splitOf(contract),
    trials: trials.map(({ documents: _documents, ...trial }) => trial), // only their error is of interest, and they are many
    claimed: evidence.claimed,
    ...judgeClaim(evidence),
  };
  const { split, commit, gain, low, high, passed, claimed } = await writeEvent({
    state,
    contract,
    event,
    isSame: (standing): standing is AuditEvent => standing.kind === 'audit' && standing.commit === event.commit,
    changed,
  });
  state.audit = { split, commit, gain, low, high, passed, claimed };
  changed();
}

const splitOf = ({ task }: Contract): 'sealed' | 'val' => (task.score?.sealed === true ? 'sealed' : 'val');

/** One trial of one arm; null when it has no value, or when a device failed: that says nothing of the commit. */
async function auditTrial(
  state: SessionState,
  contract: Contract,
  { commit, experiment }: Belief,
  changed: () => void,
): Promise<Trial | null> {
  const request = {
    contract,
    experiment,
    trial: AUDIT_TRIAL + state.auditTrials++,
    role: 'audit',
    seed: 'fresh',
    ...(splitOf(contract) === 'sealed' && { split: 'sealed' as const }),
    commit,
    hypothesis: experiment === 0 ? 'audit of the baseline' : `audit of experiment ${experiment}`,
    onStage: changed,
  } as const;
  const trial = await unlessBlocked(state, () => runTrial(state, request), changed).catch(whyNot);
  return typeof trial === 'string' || trial.value === null ? null : trial;
}
