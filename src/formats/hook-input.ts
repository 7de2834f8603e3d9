// What a task's hooks are told on stdin, in the words of pi-autoresearch, whose hooks they are.
import type { HookOrder } from '../domain/hook.ts';
import type { Ledger, OpenEvent } from '../domain/ledger.ts';
import { rowsOf } from './ledger-rows.ts';
import { type Run } from './pi.ts';
import { configOf, runsOf } from './pi-ledger.ts';

/** One line of JSON for a hook that runs in `cwd`. */
export function hookInput({ stage, experiment }: HookOrder, ledger: Ledger, open: OpenEvent, cwd: string): string {
  const runs = runsOf(ledger, open);
  if (stage === 'before') {
    const told = { event: stage, cwd, next_run: runs.length + 1, last_run: briefly(runs.at(-1)) ?? null };
    return lineOf({ ...told, session: sessionAfter(runs, open) });
  }
  const at = rowsOf(ledger, open).findIndex((row) => row.experiment === experiment);
  const run = runs[at];
  if (run === undefined) throw new Error(`Expected experiment ${experiment} to have been tried, got no row of it.`);
  return lineOf({ event: stage, cwd, run_entry: run, session: sessionAfter(runs.slice(0, at + 1), open) });
}

const lineOf = (told: object): string => `${JSON.stringify(told)}\n`;

function briefly(last: Run | undefined) {
  return (
    last && { run: last.run, status: last.status, metric: last.metric, description: last.description, asi: last.asi }
  );
}

/** The session as it was after the last of these runs. */
function sessionAfter(runs: readonly Run[], open: OpenEvent) {
  const { name, metricName, metricUnit, bestDirection } = configOf(open);
  const kept = runs.filter(({ status }) => status === 'keep').map(({ metric }) => metric);
  const best = bestDirection === 'lower' ? Math.min(...kept) : Math.max(...kept);
  return {
    metric_name: metricName,
    metric_unit: metricUnit,
    direction: bestDirection,
    baseline_metric: runs[0]?.metric ?? null,
    best_metric: kept.length === 0 ? null : best,
    run_count: runs.length,
    goal: name,
  };
}
