import type { Contract } from '../activities/contract.ts';
import type { Audited } from '../src/domain/audit-evidence.ts';
import type { Usual } from '../src/domain/flags.ts';
import type { Budget, Work } from '../src/domain/budget.ts';
import type { Overtaken } from '../src/domain/experiment.ts';
import type { Course } from '../src/domain/course.ts';
import type { Ceiling } from '../src/domain/limits.ts';
import type { MeasuredOn } from '../src/domain/measured-on.ts';
import type { Patch } from '../src/domain/proposed.ts';
import type { AuditReport, ExperimentLine } from '../src/domain/report.ts';
import type { Counts } from '../src/domain/counts.ts';
import type { Review, SessionState, Waiting } from './state.ts';

/** What a continued run starts from. Everything older is read from the ledger in git. */
export interface Carried {
  readonly contract: Contract;
  readonly budget: Budget;
  readonly startedAt: string;
  readonly trainedSeconds: number;
  /** Absent in what older runs carried. */
  readonly work?: Work;
  readonly course: Course;
  readonly tier: 'A' | 'B' | null;
  readonly nextExperiment: number;
  readonly nextEvent: number;
  readonly counts: Counts;
  readonly last: readonly ExperimentLine[];
  readonly hints: readonly (string | null)[];
  /** Absent in what older runs carried. */
  readonly pin?: number | null;
  /** Absent likewise. */
  readonly vetoed?: readonly number[];
  /** Absent likewise. */
  readonly approved?: readonly number[];
  /** Absent likewise. */
  readonly patches?: readonly Patch[];
  readonly notices: readonly string[];
  readonly paused: boolean;
  readonly failedInARow: number;
  /** Absent in what older runs carried. */
  readonly droppedInARow?: number;
  /** Absent likewise. */
  readonly seenUpdates?: readonly string[];
  /** Absent likewise. */
  readonly reviews?: readonly Review[];
  /** Absent likewise. */
  readonly accepted?: readonly number[];
  /** Absent likewise. */
  readonly tipTrials?: number;
  /** Absent likewise. */
  readonly missedBy?: string | null;
  /** Absent likewise. */
  readonly auditAsked?: boolean;
  /** Absent likewise. */
  readonly auditTrials?: number;
  /** Absent likewise. */
  readonly audit?: AuditReport | null;
  /** Absent likewise. */
  readonly line?: readonly Course[];
  /** Absent likewise. */
  readonly measuredOn?: MeasuredOn | null;
  /** Absent likewise. */
  readonly usual?: Usual | null;
  /** Absent likewise. */
  readonly auditBaseline?: readonly Audited[];
  /** Absent likewise. */
  readonly givenOut?: number;
  /** Absent likewise. */
  readonly ceilings?: readonly Ceiling[];
  /** Absent likewise. */
  readonly acceptedTip?: string | null;
  readonly waiting: Waiting | null;
  /** Those after it; absent in what older runs carried. */
  readonly alsoWaiting?: readonly Waiting[];
  /** Absent likewise. */
  readonly overtaken?: readonly Overtaken[];
}

/** Ids carried to the next run: more than anyone sends while it begins. */
const SEEN_UPDATES = 100;

/** What the next run needs; undefined while the session has no incumbent yet, when nothing may be continued. */
export function carry(state: SessionState): Carried | undefined {
  const { contract, course } = state;
  if (contract === null || course === null) return undefined;
  return {
    contract,
    course,
    budget: state.budget,
    startedAt: state.startedAt,
    trainedSeconds: state.trainedSeconds,
    work: state.work,
    tier: state.tier,
    nextExperiment: state.nextExperiment,
    nextEvent: state.nextEvent,
    counts: state.counts,
    last: state.last,
    hints: state.hints,
    pin: state.pin,
    vetoed: state.vetoed,
    approved: state.approved,
    patches: state.patches,
    notices: state.notices,
    paused: state.paused,
    failedInARow: state.failedInARow,
    droppedInARow: state.droppedInARow,
    seenUpdates: state.seenUpdates.slice(-SEEN_UPDATES),
    reviews: state.reviews,
    accepted: state.accepted,
    tipTrials: state.tipTrials,
    missedBy: state.missedBy,
    auditAsked: state.auditAsked,
    auditTrials: state.auditTrials,
    audit: state.audit,
    line: state.line,
    measuredOn: state.measuredOn,
    usual: state.usual,
    auditBaseline: state.auditBaseline,
    givenOut: state.givenOut,
    ceilings: state.ceilings,
    acceptedTip: state.acceptedTip,
    waiting: state.waiting[0] ?? null,
    alsoWaiting: state.waiting.slice(1),
    overtaken: state.overtaken,
  };
}
