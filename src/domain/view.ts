import { beliefAfter, beliefIn, measureBaseline, type BaselineMeasure, type Belief } from './belief.ts';
import type { ExperimentRecord } from './experiment.ts';
import { endOf, type Ledger, type LedgerEvent } from './ledger.ts';
import { keptSince, lastMove } from './kept-line.ts';
import { keptBranch } from './names.ts';
import { NO_COUNTS, count, type ExperimentLine, type SessionView } from './report.ts';

/** One experiment's record in one line. */
export function lineOf(record: ExperimentRecord): ExperimentLine {
  const { experiment, verdict, value, gain, hypothesis, reason } = record;
  return { experiment, verdict, value, gain, trials: record.trials.length, hypothesis, reason };
}

/**
 * What a ledger alone says of its session: the same view as the running workflow's, so that `best` and `results`
 * answer with every process down. A ledger without an end is `interrupted`. Null when it does not even say how it began.
 */
export function viewOf(ledger: Ledger, repo: string): SessionView | null {
  const open = eventOf(ledger, 'open');
  if (open === undefined) return null;
  const end = endOf(ledger.events);
  const { task, tag, session } = open;
  const baseline = baselineOf(ledger);
  const noise = baseline?.noise ?? null;
  return {
    session,
    status: end?.status ?? 'interrupted',
    reason: end?.reason ?? null,
    task: task.name,
    repo,
    tag,
    branch: keptBranch(tag),
    metric: task.metric.name,
    direction: task.metric.direction,
    tier: baseline?.tier ?? null,
    rule: ledger.experiments.at(-1)?.rule ?? open.input.rule ?? 'greedy',
    noise,
    baseline: baseline?.belief ?? null,
    best: bestOf(ledger, noise) ?? baseline?.belief ?? null,
    counts: ledger.experiments.reduce((counts, record) => count(counts, record.verdict), NO_COUNTS),
    last: ledger.experiments.slice(-10).map(lineOf),
  };
}

function eventOf<Kind extends LedgerEvent['kind']>(
  ledger: Ledger,
  kind: Kind,
): Extract<LedgerEvent, { kind: Kind }> | undefined {
  const matches = (event: LedgerEvent): event is Extract<LedgerEvent, { kind: Kind }> => event.kind === kind;
  return ledger.events.findLast(matches);
}

function baselineOf(ledger: Ledger): BaselineMeasure | null {
  const event = eventOf(ledger, 'baseline');
  const guess = eventOf(ledger, 'open')?.task.metric.noise;
  return event === undefined ? null : measureBaseline(event.commit, event.trials, guess);
}

/** The last keep on the line as it is; else the commit that somebody set it to, as it was measured. */
function bestOf({ events, experiments }: Ledger, noise: number | null): Belief | null {
  const move = lastMove(events);
  const kept = keptSince(experiments, { after: move?.after ?? 0 }).at(-1);
  if (kept?.candidate == null || kept.value === null) return move === undefined ? null : beliefAfter(move, noise);
  const { candidate: commit, experiment, value, trials } = kept;
  return beliefIn({ commit, experiment, value, noise, trials: trials.length });
}
