// A crash that its author may repair, and the search's own way to do so.
import type { ExperimentRecord } from '../src/domain/experiment.ts';
import { crashToRepair, type RepairRequest } from '../src/domain/repair.ts';
import { editablePaths } from '../src/domain/task.ts';
import { readCandidate } from '../src/git/candidate.ts';
import { readFiles } from '../src/git/tree.ts';
import { halveBatch } from '../src/proposer/halve-batch.ts';
import type { Proposal } from '../src/proposer/proposer.ts';
import type { AdmitContext } from './admit.ts';

/** The crash that `by` may repair next; undefined where there is none. */
export async function crashFor(
  { clone, input, ledger, flying }: AdmitContext,
  by: RepairRequest['by'],
): Promise<ExperimentRecord | undefined> {
  const records = ledger?.experiments ?? [];
  const waiting = await Promise.all(flying.map(({ commit }) => readCandidate(clone, commit)));
  const inFlight = waiting.flatMap(({ repairs }) => repairs ?? []);
  return crashToRepair({ records, inFlight, experiment: input.experiment, by });
}

/** What the search tries instead of an idea of its own that ran out of memory; null where there is no such thing. */
export async function repairBySearch(context: AdmitContext): Promise<Extract<Proposal, { kind: 'proposal' }> | null> {
  const crashed = await crashFor(context, 'search');
  if (crashed === undefined) return null;
  const files = await readFiles(context.clone, context.input.base, editablePaths(context.input.contract));
  const proposal = halveBatch(files, crashed);
  return proposal && { ...proposal, repairs: crashed.experiment };
}
