import type { ExperimentRecord } from '../src/domain/experiment.ts';
import { resultOf } from '../src/formats/pi-ledger.ts';
import { readCandidate, writeResult } from '../src/git/candidate.ts';
import { closeExperiment } from '../src/git/transaction.ts';
import { withWriter } from '../src/git/writer.ts';
import { cloneOf, recordedAs, wholeRecord, type ClosingDeps } from './closing.ts';
import type { Activities, Contract } from './contract.ts';
import { lookAgain, movedTo } from './kept-line.ts';

/** Keeps a candidate: its ref, the ledger and the kept line move in one transaction, by compare-and-swap. */
export function createCommit(deps: ClosingDeps): Activities['commit'] {
  return async (input) => {
    const { contract, tip } = input;
    const clone = cloneOf(deps, input);
    const tried = await wholeRecord(clone, input);
    if (tried.candidate === null)
      throw new Error(`Expected experiment ${tried.experiment} to have a candidate to keep.`);
    const commit = await keptCommit(clone, contract, tried, tried.candidate);
    const record = commit === tried.candidate ? tried : asKept(tried, commit);
    const keep = { expectedTip: tip, newTip: commit, isPushed: contract.push !== 'none' };
    await lookAgain(clone, contract);
    const closed = await closeExperiment({ clone, tag: contract.tag, record, keep, tried: tried.candidate });
    if (closed.kind === 'recorded') return recordedAs(closed.record);
    if (closed.kind === 'moved') return movedTo(clone, contract, closed);
    deps.pushLater(clone, contract);
    return { kind: 'committed', tip: closed.kept, ...(commit !== tried.candidate && { commit }) };
  };
}

/**
 * What the line gets: the candidate; of a project of pi-autoresearch the same with the trailer that its own commits have.
 * A pure function of the record, so that a second run finds it at the tip.
 */
async function keptCommit(
  clone: string,
  { project, task }: Contract,
  record: ExperimentRecord,
  candidate: string,
): Promise<string> {
  if (project !== 'pi') return candidate;
  const result = resultOf(record, task.metric.name);
  const said = await readCandidate(clone, candidate);
  return withWriter(clone, ({ lock }) => writeResult({ clone, candidate: said, result, at: record.endedAt, lock }));
}

/** The record of what is kept: whatever was measured of the candidate was measured of these files. */
function asKept(record: ExperimentRecord, commit: string): ExperimentRecord {
  const renamed = (trials: ExperimentRecord['trials']) =>
    trials.map((trial) => (trial.commit === record.candidate ? { ...trial, commit } : trial));
  const starts = record.starts && renamed(record.starts);
  return {
    ...record,
    candidate: commit,
    trials: renamed(record.trials),
    ...(starts !== undefined && { starts }),
  };
}
