import { claimedGain } from './belief.ts';
import type { Counts } from './counts.ts';
import type { SessionView } from './report.ts';
import type { Direction } from './task.ts';

/** The answer to the query `best`: the shape that scripts rely on (README, "Query from scripts"). */
export interface BestReport {
  readonly session: string;
  readonly status: SessionView['status'];
  readonly metric: string;
  readonly direction: Direction;
  readonly target?: string;
  readonly paired?: number;
  readonly tier: 'A' | 'B' | null;
  readonly best: {
    commit: string;
    branch: string;
    experiment: number;
    value: number;
    stderr: number | null;
    trials: number;
  } | null;
  readonly baseline: { commit: string; value: number; stderr: number | null; trials: number } | null;
  readonly gain: { claimed: number; low: number | null; high: number | null; sealed: number | null } | null;
  readonly experiments: Counts;
}

/** The gain that sealed data and fresh seeds show; null where the best commit was not audited like that. */
const sealedGain = ({ audit, best }: Pick<SessionView, 'audit' | 'best'>): number | null =>
  audit != null && audit.split === 'sealed' && audit.commit === best?.commit ? audit.gain : null;

/** Makes the `best` answer of a view; parts not measured yet are null. */
export function bestReport(view: SessionView): BestReport {
  const { best, baseline } = view;
  return {
    session: view.session,
    status: view.status,
    metric: view.metric,
    direction: view.direction,
    ...(view.target !== undefined && { target: view.target }),
    ...(view.paired !== undefined && { paired: view.paired }),
    tier: view.tier,
    best: best && {
      commit: best.commit,
      branch: view.branch,
      experiment: best.experiment,
      value: best.value,
      stderr: best.stderr,
      trials: best.trials,
    },
    baseline: baseline && {
      commit: baseline.commit,
      value: baseline.value,
      stderr: baseline.stderr,
      trials: baseline.trials,
    },
    gain: best && baseline && { ...claimedGain(baseline, best, view.direction), sealed: sealedGain(view) },
    experiments: view.counts,
  };
}
