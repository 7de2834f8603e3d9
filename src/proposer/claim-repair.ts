// Who repairs a crash, as a file of the session: of proposals that are made at once, one takes it.
import { join } from 'node:path';
import { folderName } from '../domain/names.ts';
import { writeOnce } from '../write-once.ts';

/** A crash that an experiment may repair. */
export interface RepairClaim {
  readonly session: string;
  readonly crashed: number;
  readonly experiment: number;
  /** Whether an experiment has its record: if it had repaired this crash, nobody would claim that any more. */
  readonly isOver: (experiment: number) => boolean;
}

/** Whether the experiment has the crash for itself, now and whenever it asks again. */
export function claimRepair(proposals: string, { session, crashed, experiment, isOver }: RepairClaim): boolean {
  let name = String(crashed);
  for (;;) {
    const path = join(proposals, folderName(session), 'repairs', name);
    const holder = Number(writeOnce(path, () => String(experiment)).toString());
    if (holder === experiment) return true;
    if (!isOver(holder)) return false;
    name = `${crashed}-after-${holder}`; // it came to nothing: the next may try
  }
}
