// What `propose` does with an edit before it counts: rules, copies, and only then a candidate's commit.
import type { Ledger } from '../src/domain/ledger.ts';
import { editablePaths } from '../src/domain/task.ts';
import { decided, twinOf, type Known } from '../src/domain/twin.ts';
import { readCandidate, writeCandidate } from '../src/git/candidate.ts';
import { candidatesInFlight, type Flying } from '../src/git/in-flight.ts';
import { importedTwin } from '../src/git/imported.ts';
import { readLedger } from '../src/git/ledger.ts';
import { moveRefs, type RefMove } from '../src/git/refs.ts';
import { readFilesOfMany } from '../src/git/tree.ts';
import { withWriter } from '../src/git/writer.ts';
import { harnessModules } from '../src/proposer/gate/harness-modules.ts';
import type { ReadCode } from '../src/proposer/gate/read-code.ts';
import { weighEdit } from '../src/proposer/gate/weigh-edit.ts';
import type { Proposal } from '../src/proposer/proposer.ts';
import type { ProposeInput } from './contract.ts';

/** Where an edit wants to be admitted. */
export interface AdmitContext {
  readonly clone: string;
  readonly input: ProposeInput;
  readonly ledger: Ledger | undefined;
  /** Candidates that wait or train. */
  readonly flying: readonly Flying[];
  readonly proposer: string;
}

/** A candidate's commit, to which no ref points yet; or why there is none, in words for its proposer. */
export type Admitted =
  | { readonly kind: 'made'; readonly commit: string }
  | { readonly kind: 'dropped'; readonly reason: string };

/** Writes the candidate of a proposal that breaks no rule and is nothing that has, or will have, a verdict. */
export async function admit(
  { clone, input, ledger, flying, proposer }: AdmitContext,
  { hypothesis, edit, files, repairs }: Extract<Proposal, { kind: 'proposal' }>,
  readCode: ReadCode,
): Promise<Admitted> {
  const { contract, base } = input;
  const editable = editablePaths(contract);
  const texts = await readFilesOfMany(clone, [base, contract.base], editable);
  const before = texts[base] ?? {};
  const others = base === contract.base ? [] : [texts[contract.base] ?? {}];
  const harness = harnessModules(contract.task);
  const weighed = await weighEdit({ edit, before, after: files, editable, others, harness }, readCode);
  if (weighed.kind === 'refused') return { kind: 'dropped', reason: weighed.reason };

  const { arm, baseArm, otherArms } = weighed;
  const { accepted, parent, at } = input;
  const wanted = { clone, base, files, hypothesis, proposer, edit, arm, accepted, parent, repairs, at };
  const written = await withWriter(clone, ({ lock }) => writeCandidate({ ...wanted, lock }));
  if (written.kind === 'unchanged') return { kind: 'dropped', reason: 'the edit changes nothing here' };
  const waiting = await Promise.all(flying.map((one) => shapeOf(clone, one)));
  const reason = twinOf({ tree: written.tree, arm }, [
    { name: 'the incumbent', arm: baseArm },
    { name: 'the baseline', arm: otherArms[0] },
    ...decided((ledger?.experiments ?? []).filter(({ experiment }) => experiment !== input.accepted)),
    ...waiting,
  ]);
  if (reason !== undefined) return { kind: 'dropped', reason };
  // A person may well want to see for themselves what others say of it.
  const isWanted = input.patch !== undefined || input.accepted !== undefined;
  const twin = isWanted ? undefined : await importedTwin(clone, written.commit, editable);
  if (twin === undefined) return { kind: 'made', commit: written.commit };
  const { commit, verdict } = twin;
  return { kind: 'dropped', reason: `the same files as commit ${commit}, which an imported log has as ${verdict}` };
}

/**
 * Points an experiment's ref at its candidate, unless what came into flight while it was made is the same: two that were
 * asked at once may well have the same idea, and whoever comes second finds the first here.
 */
export async function land(
  { clone, input, ledger, flying }: AdmitContext,
  move: RefMove,
): Promise<'moved' | 'raced' | Extract<Admitted, { kind: 'dropped' }>> {
  const { contract, experiment } = input;
  const known = new Set(flying.map(({ commit }) => commit));
  return withWriter(clone, async (writer) => {
    const inFlight = await candidatesInFlight(clone, contract.tag, ledger, experiment);
    const met = inFlight.filter(({ commit }) => !known.has(commit));
    const reason = met.length === 0 ? undefined : await twinAmong(clone, contract.tag, move.to, met);
    return reason === undefined ? moveRefs(writer, [move]) : { kind: 'dropped', reason };
  });
}

/** The one of these that a candidate is a twin of, in words; some may have their verdict by now. */
async function twinAmong(clone: string, tag: string, commit: string, met: readonly Flying[]) {
  const ledger = await readLedger(clone, tag);
  const recorded =
    ledger?.experiments.filter(({ experiment }) => met.some((one) => one.experiment === experiment)) ?? [];
  const open = met.filter((one) => !recorded.some(({ experiment }) => experiment === one.experiment));
  const shapes = await Promise.all(open.map((one) => shapeOf(clone, one)));
  return twinOf(await readCandidate(clone, commit), [...decided(recorded), ...shapes]);
}

/** A candidate that waits or trains, as a sentence names it. */
async function shapeOf(clone: string, { experiment, commit }: Flying): Promise<Known> {
  const { tree, arm } = await readCandidate(clone, commit);
  return { name: `experiment ${experiment} (no verdict yet)`, tree, arm };
}
