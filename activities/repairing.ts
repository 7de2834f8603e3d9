// A crash that its author may repair, and the search's own way to do so.
import type { ExperimentRecord } from '../src/domain/experiment.ts';
import { crashToRepair, type RepairRequest } from '../src/domain/repair.ts';
import { editablePaths } from '../src/domain/task.ts';
import { readCandidate } from '../src/git/candidate.ts';
import { readFiles } from '../src/git/tree.ts';
import { halveBatch } from '../src/proposer/halve-batch.ts';
import type { Models } from '../src/models.ts';
import { claimRepair } from '../src/proposer/claim-repair.ts';
import type { Proposal } from '../src/proposer/proposer.ts';
import type { AdmitContext } from './admit.ts';

/** Where somebody may repair. */
export type RepairContext = AdmitContext & { readonly models: Pick<Models, 'proposals'> };

/** The crash that `by` repairs with this proposal, and no other one with it; undefined where there is none. */
export async function crashFor(
  { clone, input, ledger, flying, models }: RepairContext,
  by: RepairRequest['by'],
): Promise<ExperimentRecord | undefined> {
  const { contract, experiment } = input;
  const records = ledger?.experiments ?? [];
  const waiting = await Promise.all(flying.map(({ commit }) => readCandidate(clone, commit)));
  const inFlight = waiting.flatMap(({ repairs }) => repairs ?? []);
  const isOver = (one: number): boolean => records.some((record) => record.experiment === one);
  for (;;) {
    const found = crashToRepair({ records, inFlight, experiment, by });
    if (found === undefined) return undefined;
    const claim = { session: contract.session, crashed: found.experiment, experiment, isOver };
    if (claimRepair(models.proposals, claim)) return found;
    inFlight.push(found.experiment);
  }
}

/** What the search tries instead of an idea of its own that ran out of memory; null where there is no such thing. */
export async function repairBySearch(context: RepairContext): Promise<Extract<Proposal, { kind: 'proposal' }> | null> {
  const crashed = await crashFor(context, 'search');
  if (crashed === undefined) return null;
  const files = await readFiles(context.clone, context.input.base, editablePaths(context.input.contract));
  const proposal = halveBatch(files, crashed);
  return proposal && { ...proposal, repairs: crashed.experiment };
}
