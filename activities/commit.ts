import { closeExperiment } from '../src/git/transaction.ts';
import { cloneOf, recordedAs, wholeRecord, type ClosingDeps } from './closing.ts';
import type { Activities } from './contract.ts';
import { lookAgain, movedTo } from './kept-line.ts';

/** Keeps a candidate: its ref, the ledger and the kept line move in one transaction, by compare-and-swap. */
export function createCommit(deps: ClosingDeps): Activities['commit'] {
  return async (input) => {
    const clone = cloneOf(deps, input);
    const record = await wholeRecord(clone, input);
    if (record.candidate === null)
      throw new Error(`Expected experiment ${record.experiment} to have a candidate to keep.`);
    const keep = { expectedTip: input.tip, newTip: record.candidate, isPushed: input.contract.push !== 'none' };
    await lookAgain(clone, input.contract);
    const closed = await closeExperiment({ clone, tag: input.contract.tag, record, keep });
    if (closed.kind === 'recorded') return recordedAs(closed.record);
    if (closed.kind === 'moved') return movedTo(clone, input.contract, closed);
    deps.pushLater(clone, input.contract);
    return { kind: 'committed', tip: closed.kept };
  };
}
