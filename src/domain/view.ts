import { sdOf } from './belief.ts';
import { unknownRuleIn } from './cautions.ts';
import { courseOf } from './ledger-course.ts';
import { trialsBehind, type ExperimentRecord } from './experiment.ts';
import { endOf, type Ledger, type LedgerEvent } from './ledger.ts';
import { keptBranch } from './names.ts';
import type { ExperimentLine, SessionView } from './report.ts';
import { noiseOf } from './standing.ts';
import { NO_COUNTS, count } from './counts.ts';

/** One experiment's record in one line. */
export function lineOf(record: ExperimentRecord): ExperimentLine {
  const { experiment, verdict, value, gain, hypothesis, reason } = record;
  const incumbent = record.incumbent.value;
  const better = record.assessment?.better;
  const judged = better === undefined ? {} : { better };
  return { experiment, verdict, value, gain, ...judged, incumbent, trials: record.trials.length, hypothesis, reason };
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
  const course = courseOf(ledger);
  const unknownRule = unknownRuleIn(ledger.experiments);
  const audit = ledger.events.findLast((event) => event.kind === 'audit') ?? null;
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
    ...(task.target !== undefined && { target: task.target }),
    ...(task.score?.paired !== undefined && { paired: task.score.paired }),
    tier: tierOf(ledger),
    rule: ledger.experiments.at(-1)?.rule ?? open.input.rule ?? 'default',
    ...(unknownRule !== undefined && { unknownRule }),
    noise: course && sdOf(course.standing),
    degrees: course && noiseOf(course.standing).degrees,
    baseline: course?.baseline ?? null,
    best: course?.incumbent ?? null,
    audit,
    scale: ledger.events.filter((event) => event.kind === 'scale').filter(({ commit }) => commit === audit?.commit),
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

/** As the running session counts it: what is kept or gone on from without a sandbox takes the whole session down. */
function tierOf({ experiments, events }: Ledger): 'A' | 'B' | null {
  const baseline = events.findLast((event) => event.kind === 'baseline');
  if (baseline === undefined) return null;
  const kept = experiments.filter(({ verdict }) => verdict === 'keep').flatMap(trialsBehind);
  const moved = events.flatMap((event) => (event.kind === 'moved' ? event.trials : []));
  return [...baseline.trials, ...kept, ...moved].every(({ tier }) => tier === 'A') ? 'A' : 'B';
}
