// The course that a ledger tells, step by step as the running workflow took it: see course.ts.
import { advance, begin, moveTo, rolledBack, type Course } from './course.ts';
import type { ExperimentRecord } from './experiment.ts';
import type { Ledger, MovedEvent } from './ledger.ts';
import type { Direction } from './task.ts';

/**
 * The course that a ledger tells; null while it has no baseline. `onExperiment` is told what was believed when each
 * experiment began.
 */
export function courseOf(
  ledger: Ledger,
  onExperiment: (record: ExperimentRecord, course: Course) => void = () => {},
): Course | null {
  return lineIn(ledger, onExperiment).at(-1) ?? null;
}

/** The line since the commit whose claim was audited last and held, which is the first; each as it was believed last. */
export function unauditedLine(ledger: Ledger): readonly Course[] {
  const line = lineIn(ledger, () => {});
  const held = new Set(
    ledger.events.flatMap((event) =>
      event.kind === 'audit' && event.passed && ON_LINE.has(event.moment) ? [event.commit] : [],
    ),
  );
  return line.slice(
    Math.max(
      0,
      line.findLastIndex(({ incumbent }) => held.has(incumbent.commit)),
    ),
  );
}

/** Audits of a commit that was on the line already. */
const ON_LINE: ReadonlySet<string | undefined> = new Set(['on the way', 'asked', 'end', undefined]);

/** Every commit that the line has had since it was last set somewhere, as it was believed last; empty without a baseline. */
function lineIn(
  { events, experiments }: Ledger,
  onExperiment: (record: ExperimentRecord, course: Course) => void,
): readonly Course[] {
  const open = events.find((event) => event.kind === 'open');
  const baseline = events.findLast((event) => event.kind === 'baseline');
  if (open === undefined || baseline === undefined) return [];
  const { direction, noise: guess } = open.task.metric;
  const begun = begin(baseline, direction, guess ?? null);
  if (begun === null) return [];
  const known = new Map([[begun.incumbent.commit, begun]]); // each commit that the line was ever at
  let line: readonly Course[] = [begun];
  let course = begun;
  const moves = events.filter((event) => event.kind === 'moved');
  let moved = 0;
  const moveBefore = (experiment: number): void => {
    for (; (moves[moved]?.after ?? Infinity) < experiment; moved++) {
      const move = moves[moved];
      const there = move && followed(course, move, { known, direction });
      if (there == null) continue;
      course = there;
      line = [course];
      known.set(course.incumbent.commit, course);
    }
  };
  const courses: Course[] = []; // by how many verdicts there were
  for (const [decided, record] of inOrder(experiments).entries()) {
    moveBefore(record.experiment);
    courses[decided] = course;
    onExperiment(record, courses[record.order?.begun ?? decided] ?? course);
    course = advance(course, record, direction);
    const isSame = line.at(-1)?.incumbent.commit === course.incumbent.commit;
    line = [...(isSame ? line.slice(0, -1) : line), course];
    known.set(course.incumbent.commit, course);
  }
  moveBefore(Infinity);
  return line;
}

const placeOf = ({ experiment, order }: ExperimentRecord): number => order?.decided ?? experiment;

/** The records in the order of their verdicts. */
function inOrder(records: readonly ExperimentRecord[]): readonly ExperimentRecord[] {
  return records.toSorted((left, right) => placeOf(left) - placeOf(right));
}

function followed(
  course: Course,
  move: MovedEvent,
  { known, direction }: { readonly known: ReadonlyMap<string, Course>; readonly direction: Direction },
): Course | null {
  if (move.restores === undefined) return moveTo(course, move, direction);
  const target = known.get(move.restores.commit);
  if (target !== undefined) return rolledBack(course, target, move.to);
  // A person wanted to go on from what was never on the line.
  return move.trials.length === 0 ? null : moveTo(course, move, direction);
}
