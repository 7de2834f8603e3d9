// Which crash is worth another try: an idea that did not run has not been judged.
import type { ExperimentRecord } from './experiment.ts';

/** An idea is repaired at most so often; then it was not the slip that was wrong. */
const MOST_REPAIRS = 2;
/** A crash that is older than so many experiments is left alone: its author was asked, or could not be. */
const FRESH_EXPERIMENTS = 5;

/** What is known when the next proposal is made. */
export interface RepairRequest {
  readonly records: readonly ExperimentRecord[];
  /** The experiments that candidates without a record repair. */
  readonly inFlight: readonly number[];
  /** The number of the next experiment. */
  readonly experiment: number;
  /** Who would repair: everybody mends what is their own. */
  readonly by: 'search' | 'model' | 'agent';
}

/** The newest crash by its idea's fault that its author may repair; undefined where there is none. */
export function crashToRepair({ records, inFlight, experiment, by }: RepairRequest): ExperimentRecord | undefined {
  const taken = new Set([...inFlight, ...records.flatMap((record) => repairOf(record) ?? [])]);
  return records.findLast(
    (record) =>
      record.experiment >= experiment - FRESH_EXPERIMENTS &&
      record.verdict === 'crash' &&
      isMendable(record, by) &&
      !taken.has(record.experiment) &&
      attemptsAt(records, record) < MOST_REPAIRS,
  );
}

/** The crashed experiment that an experiment repairs, or was to repair. */
export const repairOf = ({ repairs, work }: Pick<ExperimentRecord, 'repairs' | 'work'>): number | undefined =>
  repairs ?? work?.repairs;

/** Whose experiments each mends, as records name their proposers. */
const OWN = { search: 'search', model: 'anthropic', agent: 'command' } as const;

/** Models and agents read tracebacks; the search knows one remedy, for want of memory. */
function isMendable({ trials, proposer }: ExperimentRecord, by: RepairRequest['by']): boolean {
  const crash = trials.findLast(({ role }) => role === 'candidate')?.crash;
  if (crash?.fault !== 'idea' || crash.class === 'preflight' || proposer !== OWN[by]) return false;
  return by !== 'search' || crash.class === 'oom';
}

/** How many repairs led to a crash. */
function attemptsAt(records: readonly ExperimentRecord[], record: ExperimentRecord): number {
  const parent = repairOf(record);
  const before = records.find((one) => one.experiment === parent);
  return before === undefined ? 0 : 1 + attemptsAt(records, before);
}
