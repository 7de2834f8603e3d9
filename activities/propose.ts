import { candidateRef } from '../src/domain/names.ts';
import type { ModelWork } from '../src/domain/model-work.ts';
import { netLines } from '../src/domain/net-lines.ts';
import { editablePaths } from '../src/domain/task.ts';
import { pooledTrials } from '../src/domain/twin.ts';
import { readCandidate, type Candidate } from '../src/git/candidate.ts';
import { commitOf, homeClonePath } from '../src/git/home-clone.ts';
import { readLedger } from '../src/git/ledger.ts';
import { candidatesInFlight } from '../src/git/in-flight.ts';
import { readFiles, readFilesOfMany } from '../src/git/tree.ts';
import type { Models } from '../src/models.ts';
import type { ReadCode } from '../src/proposer/gate/read-code.ts';
import type { Proposal } from '../src/proposer/proposer.ts';
import { rebaseEdit } from '../src/proposer/rebase.ts';
import { endOf } from '../src/domain/ledger.ts';
import { admit, land, type AdmitContext } from './admit.ts';
import { agentWorkKept } from './ask-agent.ts';
import { workKept, type Asked } from './ask-model.ts';
import { askAgentForIdea, askForIdea } from './prompting.ts';
import { recordedAs } from './closing.ts';
import type { Activities, ProposeInput } from './contract.ts';
import { runHooks } from './hooks.ts';
import type { Patch, Proposed } from '../src/domain/proposed.ts';
import { findMove, lookAgain } from './kept-line.ts';
import { proposeBySearch } from './search-request.ts';
import { modelDownIn, proposeInTurn } from './take-turns.ts';

/** What `propose` needs of its control worker. */
export interface ProposeDeps {
  readonly repos: string;
  /** Makes a candidate visible to device workers that cannot read the home clone. */
  readonly publish: (clone: string, input: ProposeInput) => Promise<void>;
  /** Reads Python without running it. */
  readonly readCode: ReadCode;
  readonly models: Models;
}

/**
 * Makes experiment n's candidate: a commit off every branch, under its own ref, so that it survives whatever happens
 * next. A second run finds that ref and answers the same. An edit that breaks a rule, or is nothing new, is dropped.
 */
export function createPropose({ repos, publish, readCode, models }: ProposeDeps): Activities['propose'] {
  return async (input) => {
    const { contract, experiment, base } = input;
    const clone = homeClonePath({ repos, origin: contract.origin });
    await lookAgain(clone, contract);
    const ledger = await readLedger(clone, contract.tag);
    const standing = ledger?.experiments.find((one) => one.experiment === experiment);
    if (standing !== undefined) return recordedAs(standing);
    const end = ledger && endOf(ledger.events);
    if (end !== undefined) return { kind: 'ended', reason: end.reason };
    const moved = ledger && (await findMove(clone, contract, ledger, base));
    if (moved !== undefined) return moved;
    const ref = candidateRef(contract.tag, experiment);
    const commit = await commitOf(clone, ref);
    const candidate = commit === undefined ? undefined : await readCandidate(clone, commit);
    if (candidate?.base === base && isWanted(candidate, input)) {
      await publish(clone, input); // the run that made it may have died before it did
      const work = workBefore(models, input, candidate.proposer);
      return { ...(await answer({ clone, input }, candidate, work)), ...modelDownIn(models, input) };
    }

    const flying = await candidatesInFlight(clone, contract.tag, ledger, experiment);
    const parent = await candidateOf(clone, input, input.parent);
    const author = parent?.proposer ?? (input.patch === undefined ? input.proposer : PERSON);
    const proposer = input.rebase ? (candidate?.proposer ?? author) : author;
    const context = { clone, input, ledger, flying, models, proposer };
    const proposal = await proposalOf(context, candidate);
    if (proposal.kind !== 'proposal') return proposal;
    const by = 'by' in proposal ? proposal.by : proposer;
    const repairs = 'repairs' in proposal ? proposal.repairs : input.rebase ? candidate?.repairs : undefined;
    const whole = { ...proposal, ...(repairs !== undefined && { repairs }) };
    const made = await admit({ ...context, proposer: by }, whole, readCode);
    const work = 'work' in proposal ? proposal.work : undefined;
    const more = { ...(work !== undefined && { work }), ...modelDownIn(models, input) };
    if (made.kind === 'dropped') return { ...made, hypothesis: proposal.hypothesis, ...more };
    const landed = await land(context, { ref, from: commit, to: made.commit });
    if (typeof landed === 'object') return { ...landed, hypothesis: proposal.hypothesis, ...more };
    // Another run of this activity was faster; the next one finds what it made.
    if (landed === 'raced') throw new Error(`Expected ${ref} to hold still, but someone moved it; try again.`);
    await publish(clone, input);
    const written = await readCandidate(clone, made.commit);
    return { ...(await answer({ clone, input }, written, work)), ...modelDownIn(models, input) };
  };
}

/** What was paid for a candidate that stands already. */
const workBefore = (models: Models, input: ProposeInput, by: string): ModelWork | undefined =>
  by === 'anthropic' || by === 'search' ? workKept(models, input, by) : agentWorkKept(models, input);

/** Who proposes what a person wrote. */
const PERSON = 'person';

/** A candidate that stands there may be of a run that the server forgot, and another idea than the one that is wanted. */
const isWanted = ({ accepted, parent, proposer }: Candidate, input: ProposeInput): boolean =>
  accepted === input.accepted &&
  parent === input.parent &&
  (input.rebase || input.parent !== undefined || (proposer === PERSON) === (input.patch !== undefined));

/** The edit that waits, one that is tried once more, or a new idea. */
async function proposalOf(context: ProposeContext, waiting: Candidate | undefined): Promise<Made> {
  const { clone, input } = context;
  if (waiting !== undefined && input.rebase && waiting.accepted === input.accepted) return rebase(context, waiting);
  if (input.patch !== undefined) return rebase(context, input.patch);
  const { proposer } = input;
  const [earlier, why] = input.parent !== undefined ? [input.parent, 'again'] : [input.accepted, 'accepted'];
  if (earlier === undefined) {
    const notes = await runHooks({ ...hooked(context), next: input.experiment });
    const told = { ...context, notes };
    if (proposer === 'command') return askAgentForIdea(told);
    if (proposer === 'hybrid') return proposeInTurn(told, () => proposeBySearch(told, 'search'));
    return proposer === 'anthropic' ? askForIdea(told) : proposeBySearch(told, proposer);
  }
  const candidate = await candidateOf(clone, input, earlier);
  if (candidate === undefined)
    return { kind: 'dropped', reason: `experiment ${earlier} has no candidate`, hypothesis: '' };
  const made = await rebase(context, candidate);
  return made.kind === 'none' || made.kind === 'down'
    ? made
    : { ...made, hypothesis: `${made.hypothesis} (${earlier}, ${why})` };
}

/** Where the task's hooks run: beside what is to be edited. */
const hooked = ({ clone, models, input: { contract, base, at } }: ProposeContext) =>
  ({ agents: models.agents, clone, contract, commit: base, at }) as const;

/** The candidate of another experiment, where one is named and has one. */
async function candidateOf(
  clone: string,
  { contract }: ProposeInput,
  experiment: number | undefined,
): Promise<Candidate | undefined> {
  const commit = experiment === undefined ? undefined : await commitOf(clone, candidateRef(contract.tag, experiment));
  return commit === undefined ? undefined : await readCandidate(clone, commit);
}

type Made =
  | Proposal
  | Asked
  | Awaited<ReturnType<typeof proposeInTurn>>
  | Extract<Proposed, { kind: 'down' }>
  | { readonly kind: 'dropped'; readonly reason: string; readonly hypothesis: string };

/** What is known where an edit is wanted. */
type ProposeContext = AdmitContext & { readonly models: Models };

/** What the workflow needs to know of a candidate that waits as a commit. */
async function answer(
  { clone, input }: Pick<AdmitContext, 'clone' | 'input'>,
  candidate: Candidate,
  work: ModelWork | undefined,
): Promise<Proposed> {
  const { commit, base, hypothesis } = candidate;
  const texts = await readFilesOfMany(clone, [base, commit], editablePaths(input.contract));
  // Read anew: an author may think for minutes, and a twin may have come to its end meanwhile.
  const ledger = await readLedger(clone, input.contract.tag);
  const pooled = pooledTrials(candidate, ledger?.experiments ?? []);
  return {
    kind: 'proposal',
    candidate: commit,
    base,
    hypothesis,
    netLines: netLines(texts[base] ?? {}, texts[commit] ?? {}),
    ...(pooled.length > 0 && { pooled }),
    ...(work !== undefined && { work }),
  };
}

/** The same edit on an incumbent that has moved since. */
async function rebase({ clone, input }: AdmitContext, standing: Pick<Patch, 'edit' | 'hypothesis'>): Promise<Made> {
  const files = await readFiles(clone, input.base, editablePaths(input.contract));
  return rebaseEdit(files, standing);
}
