import { closeExperiment } from '../src/git/transaction.ts';
import { cloneOf, recordedAs, wholeRecord, type ClosingDeps } from './closing.ts';
import type { Activities } from './contract.ts';

/** Ends an experiment that is not kept: its candidate stays readable, the ledger has its record, the line stays. */
export function createRevert(deps: ClosingDeps): Activities['revert'] {
  return async (input) => {
    const clone = cloneOf(deps, input);
    const record = await wholeRecord(clone, input);
    const closed = await closeExperiment({ clone, tag: input.contract.tag, record });
    deps.pushLater(clone, input.contract);
    return closed.kind === 'recorded' ? recordedAs(closed.record) : undefined;
  };
}
