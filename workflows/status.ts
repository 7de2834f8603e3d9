import { workflowInfo } from '@temporalio/workflow';
import { exhausted, type Spent } from '../src/domain/budget.ts';
import { keptBranch, tagFrom } from '../src/domain/names.ts';
import type { StatusReport } from '../src/domain/report.ts';
import type { SessionStatus } from '../src/domain/session.ts';
import { noiseNow, ruleOf, type SessionState } from './state.ts';

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
  // What is paid for already, and waits, takes no more.
  const work = state.waiting?.proposed.kind === 'proposal' ? { ...state.work, mostUsd: 0, mostTokens: 0 } : state.work;
  return { experiments: state.counts.total, hours, gpuHours: state.trainedSeconds / 3600, work };
}

/** Why the search ends now, or null while it goes on. */
export function endOfSearch(state: SessionState): string | null {
  return state.stop === 'no' ? exhausted(state.budget, spentOf(state)) : 'stopped by a person';
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
    rule: ruleOf(state),
    noise: noiseNow(state),
    baseline: state.course?.baseline ?? null,
    best: state.course?.incumbent ?? null,
    audit: state.audit,
    counts: state.counts,
    last: state.last.slice(-10),
    budget: state.budget,
    spent: spentOf(state),
    running: state.running,
    waitingProposals: state.waiting === null ? 0 : 1,
    hints: state.hints,
    notices: [...state.notices, ...[state.drift, state.down].flatMap((notice) => notice ?? [])],
    outputs: {
      keep: state.input.keepOutputs ?? 'best',
      // A record is written while the next experiment trains, and awaited before the one after that begins.
      recordedUpTo: state.course === null ? -1 : Math.max(0, state.counts.total + state.counts.dropped - 2),
    },
  };
}
