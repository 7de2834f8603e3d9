import type { Contract } from '../activities/contract.ts';
import { judgeClaim, type AuditMoment } from '../src/domain/audit.ts';
import { auditEvidence, fewDocuments, splitOf } from '../src/domain/audit-evidence.ts';
import type { Belief } from '../src/domain/belief.ts';
import type { Course } from '../src/domain/course.ts';
import type { Trial } from '../src/domain/experiment.ts';
import type { AuditEvent } from '../src/domain/ledger.ts';
import { gainOver } from '../src/domain/metric.ts';
import { unlessBlocked, whilePaused, whyNot } from './blocked.ts';
import { auditsOf, type SessionState } from './state.ts';
import { runTrial } from './trial.ts';
import { writeEvent } from './write-event.ts';

/** Of each commit that is measured, all with seeds that nobody ever knew: with eight an over-claim of 2 s is mostly found. */
const AUDIT_TRIALS = { 'on the way': 4, 'before a keep': 4, asked: 8, end: 8 } as const;
/** Whether the baseline is measured anew too, or what its calibration told is enough. */
const measuresBoth = (moment: AuditMoment): boolean => moment === 'end' || moment === 'asked';
/** Above any number that a trial of an experiment gets, so that each audit trial has a folder of its own. */
const AUDIT_TRIAL = 1_000_000;

/** A claim to measure again: that of the course's incumbent over its baseline. */
export interface AuditRequest {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly course: Course;
  readonly moment: AuditMoment;
  readonly changed: () => void;
}

/** Whether there is a gain over the baseline that could be measured again. */
export function hasClaim({ course, contract }: Pick<SessionState, 'course' | 'contract'>): boolean {
  if (course === null || contract === null) return false;
  const { baseline, incumbent } = course;
  const claimed = gainOver(baseline.value, incumbent.value, contract.task.metric.direction);
  return baseline.commit !== incumbent.commit && claimed > 0;
}

/** Whether a session that ends like this has a claim to measure again. */
export function wantsAudit(state: SessionState): boolean {
  const { stop, over, auditAsked } = state;
  const isWanted = auditAsked || auditsOf(state) !== 'none';
  // A person who stops it wants the end now, not in an hour; and what its ledger calls ended was audited, or was not to be.
  return isWanted && stop === 'no' && over === null && hasClaim(state);
}

/**
 * Measures a claim once more, on sealed data where the task has some, and writes what came of it into the ledger: at the
 * end, and where a person asks, baseline and best turn by turn; else the better one alone, against what the baseline's
 * calibration told.
 * Null where nothing can be told, which is the machine's doing or the baseline's, and when a person ends it meanwhile.
 */
export async function audit(request: AuditRequest): Promise<AuditEvent | null> {
  const { state, changed } = request;
  state.auditing++;
  changed();
  const event = await auditNow(request).finally(() => state.auditing--);
  changed();
  return event;
}

async function auditNow(request: AuditRequest): Promise<AuditEvent | null> {
  const { state, contract, course, moment } = request;
  const trials = await measure(request);
  const { baseline, incumbent } = course;
  const of = (commit: string) => trials.filter((trial) => trial.commit === commit);
  const before = measuresBoth(moment) ? of(baseline.commit) : state.auditBaseline;
  const { direction } = contract.task.metric;
  const evidence = auditEvidence({
    course,
    before,
    after: of(incumbent.commit),
    split: splitOf(contract.task),
    direction,
  });
  return evidence === null || isLeft(request) ? null : await write(request, trials, evidence);
}

/** Of a candidate's own audit the experiment is in the middle: `stop` lets that end. */
const isLeft = ({ state, moment }: AuditRequest): boolean => moment !== 'before a keep' && state.stop !== 'no';

function measure(request: AuditRequest): Promise<Trial[]> {
  const { course, moment } = request;
  return freshTrials(request, {
    arms: measuresBoth(moment) ? [course.baseline, course.incumbent] : [course.incumbent],
    turns: AUDIT_TRIALS[moment],
    purpose: { role: 'audit', what: 'audit' },
    isLeft: () => isLeft(request),
  });
}

/** Writes the audit down and answers the one that holds. */
async function write(
  { state, contract, course, moment, changed }: AuditRequest,
  trials: readonly Trial[],
  evidence: NonNullable<ReturnType<typeof auditEvidence>>,
): Promise<AuditEvent> {
  const event: AuditEvent = {
    version: 1,
    kind: 'audit',
    at: new Date().toISOString(),
    commit: course.incumbent.commit,
    moment,
    baseline: course.baseline.commit,
    split: splitOf(contract.task),
    looks: (state.audit?.looks ?? 0) + 1,
    trials: trials.map(({ documents: _documents, ...trial }) => trial), // only their error is of interest, and they are many
    claimed: evidence.claimed,
    ...judgeClaim(evidence, moment),
    ...(evidence.missed > 0 && { missed: evidence.missed }),
    ...(evidence.crashed > 0 && { crashed: evidence.crashed }),
  };
  const held = await writeEvent({
    state,
    contract,
    event,
    isSame: (standing): standing is AuditEvent =>
      standing.kind === 'audit' && standing.commit === event.commit && standing.moment === moment,
    changed,
  });
  const few = fewDocuments(evidence);
  if (few !== null && !state.notices.includes(few)) state.notices = [...state.notices, few];
  const { split, looks, commit, gain, low, high, passed, claimed, missed, crashed } = held;
  state.audit = {
    split,
    ...(looks !== undefined && { looks }),
    commit,
    gain,
    low,
    high,
    passed,
    claimed,
    ...(missed !== undefined && { missed }),
    ...(crashed !== undefined && { crashed }),
  };
  return held;
}

/** What a trial with a fresh seed is for, as people read it, and how long it trains where that is another time. */
interface Purpose {
  readonly role: 'audit' | 'scale';
  readonly what: string;
  readonly seconds?: number;
}

/** Arms to measure turn by turn, so many turns. */
interface Turns {
  readonly arms: readonly Belief[];
  readonly turns: number;
  readonly purpose: Purpose;
  /** Whether nobody wants to know any more. */
  readonly isLeft: () => boolean;
}

/** Fresh trials of these arms in changing order, those without a value too; nothing is told once it is left. */
export async function freshTrials(
  means: Pick<AuditRequest, 'state' | 'contract' | 'changed'>,
  { arms, turns, purpose, isLeft: isOver }: Turns,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (let turn = 0; turn < turns; turn++) {
    for (const arm of turn % 2 === 0 ? arms : arms.toReversed()) {
      await whilePaused(means.state, means.changed);
      if (isOver()) return [];
      const trial = await freshTrial(means, arm, purpose);
      if (trial !== null) trials.push(trial);
    }
  }
  return trials;
}

/**
 * One trial of one arm with a seed that nobody ever knew, on the data that audits are made on; null when a device failed:
 * that says nothing of the commit.
 */
async function freshTrial(
  { state, contract, changed }: Pick<AuditRequest, 'state' | 'contract' | 'changed'>,
  { commit, experiment }: Belief,
  { role, what, seconds }: Purpose,
): Promise<Trial | null> {
  const request = {
    contract,
    experiment,
    trial: AUDIT_TRIAL + state.auditTrials++,
    role,
    seed: 'fresh',
    ...(seconds !== undefined && { seconds }),
    ...(splitOf(contract.task) === 'sealed' && { split: 'sealed' as const }),
    commit,
    hypothesis: `${what} of ${experiment === 0 ? 'the baseline' : `experiment ${experiment}`}`,
    onStage: changed,
  } as const;
  const trial = await unlessBlocked(state, () => runTrial(state, request), changed).catch(whyNot);
  return typeof trial === 'string' ? null : trial;
}
