// The kept line by the ledger alone: where it begins, and where it has to be.
import type { ExperimentRecord } from './experiment.ts';
import type { LedgerEvent, MovedEvent } from './ledger.ts';

/** Where a line begins: `after` is the last experiment that was decided before, so that later ones stand on `commit`. */
export interface LineStart {
  readonly commit: string;
  readonly after: number;
}

/** The last time that somebody else moved the line, if anybody did. */
function lastMove(events: readonly LedgerEvent[]): MovedEvent | undefined {
  return events.findLast((event) => event.kind === 'moved');
}

/** Where the line begins: where somebody put it last, else at the session's base. Undefined without an opening. */
export function lineStart(events: readonly LedgerEvent[]): LineStart | undefined {
  const move = lastMove(events);
  if (move !== undefined) return { commit: move.to, after: move.after };
  const open = events.find((event) => event.kind === 'open');
  return open && { commit: open.base, after: 0 };
}

/** The experiments whose candidates the line is made of. */
export function keptSince(
  records: readonly ExperimentRecord[],
  { after }: Pick<LineStart, 'after'>,
): readonly ExperimentRecord[] {
  return records.filter(({ experiment, verdict }) => verdict === 'keep' && experiment > after);
}

/** Where the line has to be; undefined without an opening. */
export function lineTip(events: readonly LedgerEvent[], records: readonly ExperimentRecord[]): string | undefined {
  const start = lineStart(events);
  return start && (keptSince(records, start).at(-1)?.candidate ?? start.commit);
}
