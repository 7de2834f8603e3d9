import { workflowInfo } from '@temporalio/workflow';
import type { Contract, Proposed } from '../activities/contract.ts';
import type { Belief } from '../src/domain/belief.ts';
import { budgetOf, exhausted, type Budget, type Spent } from '../src/domain/budget.ts';
import { keptBranch, tagFrom } from '../src/domain/names.ts';
import {
  NO_COUNTS,
  count,
  type Counts,
  type ExperimentLine,
  type RunningTrial,
  type StatusReport,
} from '../src/domain/report.ts';
import type { SessionInput, SessionStatus } from '../src/domain/session.ts';

/** A proposal that waits for its turn: made while a device trained. */
export interface Waiting {
  readonly experiment: number;
  readonly proposed: Proposed | { readonly kind: 'failed'; readonly reason: string };
}

/** What a continued run starts from. Everything older is read from the ledger in git. */
export interface Carried {
  readonly contract: Contract;
  readonly budget: Budget;
  readonly startedAt: string;
  readonly trainedSeconds: number;
  readonly baseline: Belief;
  readonly incumbent: Belief;
  readonly noise: number | null;
  readonly tier: 'A' | 'B' | null;
  readonly nextExperiment: number;
  readonly nextEvent: number;
  readonly counts: Counts;
  readonly last: readonly ExperimentLine[];
  readonly hints: readonly string[];
  readonly paused: boolean;
  readonly failedInARow: number;
  readonly waiting: Waiting | null;
}

/** The one mutable state of a session's run; handlers only set fields of it, the main line acts on them. */
export interface SessionState {
  readonly input: SessionInput;
  startedAt: string;
  phase: 'opening' | 'calibrating' | 'running' | 'done' | 'failed';
  reason: string | null;
  contract: Contract | null;
  budget: Budget;
  trainedSeconds: number;
  baseline: Belief | null;
  incumbent: Belief | null;
  noise: number | null;
  tier: 'A' | 'B' | null;
  nextExperiment: number;
  nextEvent: number;
  counts: Counts;
  last: ExperimentLine[];
  hints: string[];
  running: RunningTrial | null;
  waiting: Waiting | null;
  failedInARow: number;
  paused: boolean;
  blocked: string | null;
  stop: 'no' | 'after this experiment' | 'now';
}

/** The last experiments kept in memory; older ones are in the ledger. */
const LAST = 50;

/** A fresh state, or the one that the previous run handed over. */
export function createState(input: SessionInput, carried: Carried | undefined): SessionState {
  const fresh: SessionState = {
    input,
    startedAt: workflowInfo().startTime.toISOString(),
    phase: 'opening',
    reason: null,
    contract: null,
    budget: budgetOf(input),
    trainedSeconds: 0,
    baseline: null,
    incumbent: null,
    noise: null,
    tier: null,
    nextExperiment: 1,
    nextEvent: 1,
    counts: NO_COUNTS,
    last: [],
    hints: [],
    running: null,
    waiting: null,
    failedInARow: 0,
    paused: false,
    blocked: null,
    stop: 'no',
  };
  if (carried === undefined) return fresh;
  return { ...fresh, ...carried, phase: 'running', last: [...carried.last], hints: [...carried.hints] };
}

/** What the next run needs; undefined while the session has no incumbent yet, when nothing may be continued. */
export function carry(state: SessionState): Carried | undefined {
  const { contract, baseline, incumbent } = state;
  if (contract === null || baseline === null || incumbent === null) return undefined;
  return {
    contract,
    baseline,
    incumbent,
    budget: state.budget,
    startedAt: state.startedAt,
    trainedSeconds: state.trainedSeconds,
    noise: state.noise,
    tier: state.tier,
    nextExperiment: state.nextExperiment,
    nextEvent: state.nextEvent,
    counts: state.counts,
    last: state.last,
    hints: state.hints,
    paused: state.paused,
    failedInARow: state.failedInARow,
    waiting: state.waiting,
  };
}

/** The status word, derived, so that no two fields can disagree. */
export function statusOf(state: SessionState): SessionStatus {
  if (state.phase === 'done' || state.phase === 'failed') return state.phase;
  if (state.blocked !== null) return 'blocked';
  if (state.stop !== 'no') return 'stopping';
  if (state.paused) return state.running === null ? 'paused' : 'pausing';
  return state.phase;
}

/** What the session has spent so far; `hours` by the workflow's clock. */
function spentOf(state: SessionState): Spent {
  const hours = (Date.now() - Date.parse(state.startedAt)) / 3_600_000;
  return { experiments: state.counts.total, hours, gpuHours: state.trainedSeconds / 3600 };
}

/** Why the search ends now, or null while it goes on. */
export function endOfSearch(state: SessionState): string | null {
  return state.stop === 'no' ? exhausted(state.budget, spentOf(state)) : 'stopped by a person';
}

/** Books an ended experiment into counts and the short list. */
export function book(state: SessionState, line: ExperimentLine): void {
  state.counts = count(state.counts, line.verdict);
  state.last = [
    ...state.last,
    { ...line, hypothesis: line.hypothesis.slice(0, 120), reason: line.reason.slice(0, 160) },
  ].slice(-LAST);
  state.failedInARow = line.verdict === 'failed' ? state.failedInARow + 1 : 0;
}

/** The state as the query `status` answers it. */
export function statusReport(state: SessionState): StatusReport {
  const session = workflowInfo().workflowId;
  const tag = state.contract?.tag ?? state.input.tag ?? tagFrom(session);
  const task = state.contract?.task;
  return {
    session,
    status: statusOf(state),
    reason: state.blocked ?? state.reason,
    task: task?.name ?? '',
    repo: state.contract?.origin ?? state.input.repo ?? '',
    tag,
    branch: keptBranch(tag),
    metric: task?.metric.name ?? '',
    direction: task?.metric.direction ?? 'minimize',
    tier: state.tier,
    rule: state.input.rule ?? 'greedy',
    noise: state.noise,
    baseline: state.baseline,
    best: state.incumbent,
    counts: state.counts,
    last: state.last.slice(-10),
    budget: state.budget,
    spent: spentOf(state),
    running: state.running,
    waitingProposals: state.waiting === null ? 0 : 1,
    hints: state.hints,
  };
}
