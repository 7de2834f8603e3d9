// How an experiment ends in git: candidate, record and (on a keep) the kept line move together, once. Safe to run
// twice, and safe to run after a first run that died anywhere: what already stands is recognised and completed.
import { experimentPath, parseExperiment, serialize } from '../domain/ledger.ts';
import type { ExperimentRecord } from '../domain/experiment.ts';
import { candidateRef, keptRef, ledgerRef } from '../domain/names.ts';
import { lostRef } from './broken-refs.ts';
import { git } from './git.ts';
import { foreignTip } from './kept-line.ts';
import { addResultsRow, CorruptLedger, RESULTS_PATH } from './ledger.ts';
import { readObjects, textOf } from './objects.ts';
import { isAncestor, moveRefs, type RefMove } from './refs.ts';
import { withWriter, type Writer } from './writer.ts';
import { writeCommit } from './write-commit.ts';

/** An experiment's end. */
export interface ClosingInput {
  readonly clone: string;
  readonly tag: string;
  readonly record: ExperimentRecord;
  /** On a keep: where the kept line must be, and where it goes. */
  readonly keep?: {
    readonly expectedTip: string;
    readonly newTip: string;
    /** Whether the line goes to the origin, so that its copy there must be ours too. */
    readonly isPushed?: boolean;
  };
  /** The candidate as it was tried, where what is kept is another commit of the same files. */
  readonly tried?: string;
}

/**
 * Where the record stands now; or another record of this number that stood before, which holds (the server was set back
 * to an older copy of its database, and the session comes here a second time); or, with nothing written, that the kept line is
 * not where it was left, here or at the origin.
 */
export type Closing =
  | { readonly kind: 'recorded'; readonly record: ExperimentRecord }
  | { readonly kind: 'closed'; readonly ledger: string; readonly kept: string }
  | { readonly kind: 'moved'; readonly expected: string; readonly found: string };

/** A ref that contradicts a record: a bug of ours, never to be written over. */
export class ContradictingRef extends Error {
  override readonly name = 'ContradictingRef';
}

/** Closes an experiment. Throws `BrokenRef` when the session's ledger or line is lost, and `ContradictingRef`. */
export async function closeExperiment(input: ClosingInput): Promise<Closing> {
  if ((input.record.verdict === 'keep') !== (input.keep !== undefined)) {
    throw new Error(`Expected \`keep\` exactly for the verdict keep, got it otherwise for ${input.record.verdict}.`);
  }
  return withWriter(input.clone, async (writer) => {
    for (let attempt = 1; attempt <= LOOKS; attempt++) {
      const closing = await closeOnce(writer, input);
      if (closing !== 'raced') return closing;
    }
    throw new Error(`Expected the refs of ${input.tag} to hold still for a moment, but others keep moving them.`);
  });
}

/** We hold the lock, so only a person's own git can move a ref between our look and our move: rare, and not for long. */
const LOOKS = 3;

interface State {
  readonly ledger: string;
  readonly kept: string;
  readonly candidate: string | undefined;
  readonly record: string | undefined;
  readonly table: string | undefined;
}

async function look({ clone, tag, record }: ClosingInput): Promise<State> {
  const ref = ledgerRef(tag);
  const path = experimentPath(record.experiment);
  const [ledger, kept, candidate, standing, table] = await readObjects(clone, [
    `${ref}^{commit}`,
    `${keptRef(tag)}^{commit}`,
    `${candidateRef(tag, record.experiment)}^{commit}`,
    `${ref}:${path}`,
    `${ref}:${RESULTS_PATH}`,
  ]);
  if (!ledger) throw await lostRef(clone, ref);
  if (!kept) throw await lostRef(clone, keptRef(tag));
  return {
    ledger: ledger.id,
    kept: kept.id,
    candidate: candidate?.id,
    record: standing && textOf(standing, `${path} in ${ref}`),
    table: table && textOf(table, `${RESULTS_PATH} in ${ref}`),
  };
}

async function closeOnce(writer: Writer, input: ClosingInput): Promise<Closing | 'raced'> {
  const { clone, tag, record, keep } = input;
  const state = await look(input);
  if (state.record !== undefined && state.record !== serialize(record))
    return { kind: 'recorded', record: recordIn(state.record, input) };
  // Of a keep that stands already the line may be anywhere by now.
  const foreign = keep?.isPushed !== true || state.record !== undefined ? undefined : await foreignTip(clone, tag);
  if (foreign !== undefined) return { kind: 'moved', expected: state.kept, found: foreign };
  const kept = keep === undefined ? state.kept : await nextTip(clone, state, keep);
  if (kept === undefined) return { kind: 'moved', expected: keep?.expectedTip ?? '', found: state.kept };
  const ledger = state.record === undefined ? await appendRecord(writer, input, state) : state.ledger;
  const moves: RefMove[] = [
    ...candidateMove(input, state),
    { ref: ledgerRef(tag), from: state.ledger, to: ledger },
    { ref: keptRef(tag), from: state.kept, to: kept },
  ];
  if ((await moveRefs(writer, moves)) === 'raced') return 'raced';
  const closedBy = state.record === undefined ? ledger : await commitThatAdded(clone, state.ledger, record);
  return { kind: 'closed', ledger: closedBy, kept: keep?.newTip ?? kept };
}

/** Where the kept line belongs; undefined when somebody else moved it. A line that already went on past us stays. */
async function nextTip(
  clone: string,
  { kept, record }: State,
  { expectedTip, newTip }: { readonly expectedTip: string; readonly newTip: string },
): Promise<string | undefined> {
  if (kept === newTip || kept === expectedTip) return newTip;
  if (record !== undefined && (await isAncestor(clone, newTip, kept))) return kept;
  return undefined;
}

function candidateMove({ clone, tag, record, tried }: ClosingInput, state: State): readonly RefMove[] {
  if (record.candidate === null) return [];
  const ref = candidateRef(tag, record.experiment);
  if (state.candidate !== undefined && state.candidate !== record.candidate && state.candidate !== tried) {
    throw new ContradictingRef(
      `Expected ${ref} to be ${record.candidate}, got ${state.candidate}; set it with \`git -C ${clone} update-ref ${ref} ${record.candidate}\`, then resume.`,
    );
  }
  return [{ ref, from: state.candidate, to: record.candidate }];
}

function recordIn(text: string, { tag, record }: ClosingInput): ExperimentRecord {
  try {
    return parseExperiment(text);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : '';
    throw new CorruptLedger(ledgerRef(tag), experimentPath(record.experiment), problem, cause);
  }
}

async function appendRecord(writer: Writer, { clone, tag, record }: ClosingInput, state: State): Promise<string> {
  const { commit } = await writeCommit({
    clone,
    lock: writer.lock,
    parent: state.ledger,
    files: [
      { path: experimentPath(record.experiment), mode: '100644', text: serialize(record) },
      { path: RESULTS_PATH, mode: '100644', text: tableWith(state.table, tag, record) },
    ],
    message: `experiment ${record.experiment}: ${record.verdict} · ${record.hypothesis.replaceAll(/[\s\0]+/g, ' ')}\n`,
    at: record.endedAt,
  });
  return commit;
}

function tableWith(table: string | undefined, tag: string, record: ExperimentRecord): string {
  try {
    return addResultsRow(table, record);
  } catch (cause) {
    throw new CorruptLedger(ledgerRef(tag), RESULTS_PATH, cause instanceof Error ? cause.message : '', cause);
  }
}

/** The ledger may have grown since; the first run's answer is the commit that brought this record. */
async function commitThatAdded(clone: string, ledger: string, record: ExperimentRecord): Promise<string> {
  return git(clone, ['rev-list', '-1', ledger, '--', experimentPath(record.experiment)]);
}
