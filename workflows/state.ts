import type { Contract, DevicePlace } from '../activities/contract.ts';
import type { Ended, Moved, Patch, Proposed, Recorded } from '../src/domain/proposed.ts';
import { sdOf } from '../src/domain/belief.ts';
import type { Audited } from '../src/domain/audit-evidence.ts';
import { addWork, type Budget, type Work } from '../src/domain/budget.ts';
import type { Overtaken } from '../src/domain/experiment.ts';
import type { MeasuredOn } from '../src/domain/measured-on.ts';
import type { ModelWork } from '../src/domain/model-work.ts';
import type { Usual } from '../src/domain/flags.ts';
import type { Paced } from '../src/domain/drift.ts';
import {
  LAST,
  shortLine,
  type AuditReport,
  type ExperimentLine,
  type RunningTrial,
  type ScaleReport,
} from '../src/domain/report.ts';
import { count, type Counts } from '../src/domain/counts.ts';
import type { Course } from '../src/domain/course.ts';
import type { ReviewedEvent } from '../src/domain/ledger.ts';
import type { Ceiling } from '../src/domain/limits.ts';
import type { ProposerName, Rule, SessionInput } from '../src/domain/session.ts';

/** A proposal that waits for its turn: made while devices trained. */
export interface Waiting {
  readonly experiment: number;
  readonly proposed: Proposed | { readonly kind: 'failed'; readonly reason: string };
  /** The experiment in quarantine whose edit it is: a person has accepted that, whatever spoke against it. */
  readonly accepted?: number;
  /** What a person wants tried, where it is that. */
  readonly patch?: Patch;
  /** The experiment whose edit it is, tried once more on a newer incumbent. */
  readonly parent?: number;
}

/** Whether nobody could be asked for it yet: only its number waits. */
export const isDown = ({ proposed }: Waiting): boolean => proposed.kind === 'down';

/** How many proposals wait for their turn, with an answer. */
export const madeAhead = ({ waiting }: Pick<SessionState, 'waiting'>): number =>
  waiting.filter((one) => !isDown(one)).length;

/** What only a person can mend; `holds`: it ends with `resume` alone, because something must be written down first. */
export interface Block {
  readonly reason: string;
  readonly holds: boolean;
}

/** What a person decided of an experiment in quarantine. */
export type Review = Pick<ReviewedEvent, 'experiment' | 'decision'>;

/** A proposal whose turn has come: the kept line is where we left it, and somebody has answered. */
export interface Ready extends Waiting {
  readonly proposed: Exclude<Waiting['proposed'], Moved | Recorded | Ended | { readonly kind: 'down' }>;
}

/** The one mutable state of a session's run; handlers only set fields of it, the main line acts on them. */
export interface SessionState {
  input: SessionInput;
  startedAt: string;
  phase: 'opening' | 'calibrating' | 'running' | 'done' | 'failed';
  reason: string | null;
  contract: Contract | null;
  budget: Budget;
  trainedSeconds: number;
  /** What models took, and the most that one proposal did. */
  work: Work;
  /** What is believed; null until the baseline is measured. */
  course: Course | null;
  /** The kept line since the commit that was audited last, which is the first; each as it was believed last. */
  line: readonly Course[];
  /** The class of device, and the data, that every number is of; null until the baseline's first trial. */
  measuredOn: MeasuredOn | null;
  /** What is usual of a training here. */
  usual: Usual | null;
  /** What audits on the way compare with. */
  auditBaseline: readonly Audited[];
  tier: 'A' | 'B' | null;
  nextExperiment: number;
  nextEvent: number;
  counts: Counts;
  last: ExperimentLine[];
  /** What people told the proposer, by number from 1; null where it was withdrawn. */
  hints: readonly (string | null)[];
  /** The experiment that a person wants as incumbent from now on. */
  pin: number | null;
  /** Edits that people want tried, the oldest first. */
  patches: readonly Patch[];
  /** What a person should know of the machine or the task; nothing waits for it. */
  notices: string[];
  /** What identical code said last of a device that is slower or faster than it was; not carried, as is what it is told by. */
  drift: string | null;
  /** That the model which proposes cannot be asked; not carried. */
  down: string | null;
  paced: readonly Paced[];
  audit: AuditReport | null;
  /** How much of the gain is left in longer trainings; not carried, because the search is over then. */
  scale: readonly ScaleReport[];
  /** The incumbent that missed the target when it was measured again: an audit of it is due. */
  missedBy: string | null;
  /** Whether a person wants the claim measured again now. */
  auditAsked: boolean;
  /** How many trials of audits there were; each has a number of its own. */
  auditTrials: number;
  /** How many audits are under way: lanes may each audit what they want to keep. */
  auditing: number;
  /** How many questions are under way that models may be asked: each may take as much as the dearest; not carried. */
  questions: number;
  /** What every lane trains or scores. */
  lanes: readonly RunningTrial[];
  /** The experiments that are being tried or judged, and how to end each alone; not carried. */
  trying: readonly { readonly experiment: number; readonly end: () => void }[];
  /** Experiments with a verdict that the ledger may not have yet; not carried, because it has all by then. */
  unwritten: readonly number[];
  /** Whether a keep is on its way, and whether an event is: each alone. */
  deciding: boolean;
  recording: boolean;
  /** How often each commit was measured as an incumbent by experiments that may not have ended; not carried. */
  remeasured: Readonly<Record<string, number>>;
  /** Experiments whose edits are to be tried on a newer incumbent. */
  overtaken: readonly Overtaken[];
  /** Numbers that a lost run of this session was trying when others after them had ended. */
  unrecorded: readonly number[];
  /** Experiments that a person does not want. */
  vetoed: readonly number[];
  /** Experiments that a person wants, where they asked to be asked. */
  approved: readonly number[];
  /** What a person is being asked; not carried. */
  asking: { readonly experiment: number; readonly hypothesis: string } | null;
  /** Where the trials stand that were trained last: they may be asked for again when their scoring is mended. */
  trainedAt: readonly { readonly trial: string; readonly place: DevicePlace }[];
  /** Proposals that wait for their turn, in the order of their numbers. */
  waiting: readonly Waiting[];
  /** What a person decided of experiments in quarantine, until it is written down. */
  reviews: readonly Review[];
  /** Experiments whose edits are to be tried once more. */
  accepted: readonly number[];
  failedInARow: number;
  droppedInARow: number;
  /** Ids of updates that were done, because Temporal knows them again within one run only. */
  seenUpdates: string[];
  /** Trials of commits that somebody else set the kept line to; each has a number of its own. */
  tipTrials: number;
  /** Why the session is over, where its ledger knows that and the server forgot it. */
  over: string | null;
  /** The highest number that a lost run of this session gave to a candidate. */
  givenOut: number;
  /** The task's limits, as the baseline made them. */
  ceilings: readonly Ceiling[];
  /** Devices on which a trial was disturbed when it was run again too; not carried, which costs one run at most. */
  crowded: readonly string[];
  /** The commit that a person was told of, moved there by somebody else, and resumed. */
  acceptedTip: string | null;
  paused: boolean;
  blocks: readonly Block[];
  stop: 'no' | 'after this experiment' | 'now';
}

/** The noise as it is known by now: standard deviation of one trial. */
export const noiseNow = ({ course }: Pick<SessionState, 'course'>): number | null => course && sdOf(course.standing);

/** Who writes a session's edits. */
export const proposerOf = ({ input, contract }: Pick<SessionState, 'input' | 'contract'>): ProposerName =>
  input.proposer ?? contract?.proposer ?? 'search';

/** How many experiments a session tries at once. */
export const parallelOf = ({ input }: Pick<SessionState, 'input'>): number => input.parallel ?? 1;

/** The number of the next experiment whose turn comes. */
export const nextTurn = ({ waiting, nextExperiment }: Pick<SessionState, 'waiting' | 'nextExperiment'>): number =>
  waiting[0]?.experiment ?? nextExperiment;

/** How many experiments have their verdict. */
export const decidedSoFar = ({ counts }: Pick<SessionState, 'counts'>): number => counts.total + counts.dropped;

/** The verdict rule of a session. */
export const ruleOf = ({ input }: Pick<SessionState, 'input'>): Rule => input.rule ?? 'default';

/** When a session's claims are audited. */
export const auditsOf = ({ input }: Pick<SessionState, 'input'>): NonNullable<SessionInput['audit']> =>
  input.audit ?? (ruleOf({ input }) === 'greedy' ? 'none' : 'all');

/** Books what a model took for a proposal. */
export function bookWork(state: SessionState, work: ModelWork | undefined): void {
  if (work !== undefined) state.work = addWork(state.work, work);
}

/** Books an ended experiment into counts and the short list. */
export function book(state: SessionState, line: ExperimentLine): void {
  state.counts = count(state.counts, line.verdict);
  state.last = [...state.last, shortLine(line)].slice(-LAST);
  state.failedInARow = line.verdict === 'failed' ? state.failedInARow + 1 : 0;
}
