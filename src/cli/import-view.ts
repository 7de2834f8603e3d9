// An imported log in a few lines. Pure.
import type { PriorExperiment, PriorLog, PriorSegment } from '../domain/prior.ts';
import { figure, many, table } from './figures.ts';

/** What a log says in short, one row for each metric or kernel. */
export function importTable({ segments }: PriorLog, columns: number): string[] {
  const rows = segments.map((segment) => {
    const count = counter(segment);
    const { metric, direction, experiments } = segment;
    const best = bestOf(segment);
    return [
      metric ?? 'not said',
      direction === null ? 'not said' : direction === 'minimize' ? 'lower' : 'higher',
      String(experiments.length),
      String(count('keep')),
      String(count('discard', 'checks_failed', 'quarantine')),
      String(count('crash')),
      String(count('measured', 'failed', 'undecided', 'dropped')),
      best === null ? '' : figure(best),
      segment.name,
    ];
  });
  const header = ['metric', 'better', 'experiments', 'kept', 'discarded', 'crashed', 'other', 'best kept', 'of'];
  const width = segments.some(({ name }) => name !== '') ? header.length : header.length - 1;
  return table(
    header.slice(0, width),
    rows.map((row) => row.slice(0, width)),
    columns,
  );
}

/** How many experiments came to any of these verdicts. */
const counter =
  ({ experiments }: PriorSegment) =>
  (...verdicts: readonly PriorExperiment['verdict'][]): number =>
    experiments.filter(({ verdict }) => verdicts.includes(verdict)).length;

/** The best value that the log says was kept; null where there is none, or nobody knows what is better. */
function bestOf({ experiments, direction }: PriorSegment): number | null {
  const values = experiments.flatMap(({ verdict, value }) => (verdict === 'keep' && value !== null ? [value] : []));
  const [first] = values.toSorted((left, right) => (direction === 'minimize' ? left - right : right - left));
  return direction === null || first === undefined ? null : first;
}

/** How many of the commits that a log names the repo has, in words; undefined where it names none. */
export function commitsInWords({ segments }: PriorLog, found: number): string | undefined {
  const named = new Set(segments.flatMap(({ experiments }) => experiments.flatMap(({ commit }) => commit ?? []))).size;
  if (named === 0) return undefined;
  return `${many(named, 'commit')} named, ${found} of them in this repo: what they hold is not proposed again.`;
}
