import { workflowInfo } from '@temporalio/workflow';
import { exhausted, type Spent } from '../src/domain/budget.ts';
import { keptBranch, tagFrom } from '../src/domain/names.ts';
import type { StatusReport } from '../src/domain/report.ts';
import type { SessionStatus } from '../src/domain/session.ts';
import { noiseOf } from '../src/domain/standing.ts';
import { askingWords } from './approval.ts';
import { madeAhead, nextTurn, noiseNow, parallelOf, ruleOf, type SessionState } from './state.ts';

/** The status word, derived, so that no two fields can disagree. */
export function statusOf(state: SessionState): SessionStatus {
  if (state.phase === 'done' || state.phase === 'failed') return state.phase;
  if (state.blocks.length > 0) return 'blocked';
  if (state.stop !== 'no') return 'stopping';
  if (state.paused) return state.lanes.length === 0 ? 'paused' : 'pausing';
  return state.auditing > 0 ? 'auditing' : state.phase;
}

/** What the session has spent so far; `hours` by the workflow's clock. */
function spentOf(state: SessionState): Spent {
  const hours = (Date.now() - Date.parse(state.startedAt)) / 3_600_000;
  // What is paid for already, and waits, takes no more.
  const isPaid = state.waiting[0]?.proposed.kind === 'proposal';
  const work = isPaid ? { ...state.work, mostUsd: 0, mostTokens: 0 } : state.work;
  return { experiments: state.counts.total, hours, gpuHours: state.trainedSeconds / 3600, work };
}

/** Why the search ends now, or null while it goes on. */
export function endOfSearch(state: SessionState): string | null {
  return state.stop === 'no' ? exhausted(state.budget, spentOf(state)) : 'stopped by a person';
}

/** What has no record yet: it is tried, or its record is on its way. */
const unrecordedIn = ({ trying, unwritten, unrecorded }: SessionState): readonly number[] => [
  ...trying.map(({ experiment }) => experiment),
  ...unwritten,
  ...unrecorded,
];

/** Why nothing new begins, each reason once. */
function whyBlocked({ blocks }: SessionState): string | null {
  return blocks.length === 0 ? null : [...new Set(blocks.map(({ reason }) => reason))].join(' ');
}

/** The state as the query `status` answers it. */
export function statusReport(state: SessionState): StatusReport {
  const session = workflowInfo().workflowId;
  const tag = state.contract?.tag ?? state.input.tag ?? tagFrom(session);
  const task = state.contract?.task;
  return {
    session,
    status: statusOf(state),
    reason: whyBlocked(state) ?? state.reason,
    task: task?.name ?? '',
    repo: state.contract?.origin ?? state.input.repo ?? '',
    tag,
    branch: keptBranch(tag),
    metric: task?.metric.name ?? '',
    direction: task?.metric.direction ?? 'minimize',
    ...(task?.target !== undefined && { target: task.target }),
    ...(task?.score?.paired !== undefined && { paired: task.score.paired }),
    tier: state.tier,
    rule: ruleOf(state),
    noise: noiseNow(state),
    degrees: state.course && noiseOf(state.course.standing).degrees,
    baseline: state.course?.baseline ?? null,
    best: state.course?.incumbent ?? null,
    audit: state.audit,
    scale: state.scale,
    counts: state.counts,
    last: state.last.slice(-10),
    budget: state.budget,
    spent: spentOf(state),
    running: state.lanes[0] ?? null,
    lanes: state.lanes,
    parallel: parallelOf(state),
    waitingProposals: madeAhead(state),
    hints: state.hints,
    notices: [...state.notices, ...[state.drift, state.down, askingWords(state)].flatMap((notice) => notice ?? [])],
    outputs: {
      keep: state.input.keepOutputs ?? 'best',
      recordedUpTo: state.course === null ? -1 : Math.min(nextTurn(state), ...unrecordedIn(state)) - 1,
    },
  };
}
