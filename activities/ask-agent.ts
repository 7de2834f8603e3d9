// An edit from a coding agent, which works under a supervisor of its own: it outlives this worker, and whoever asks next
// adopts it or harvests what it left, so that nobody pays for it twice.
import { CancelledFailure } from '@temporalio/common';
import type { ExperimentRecord } from '../src/domain/experiment.ts';
import type { ModelWork } from '../src/domain/model-work.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { sentence } from '../src/domain/sentence.ts';
import { makeAgentRepo, type Head } from '../src/git/agent-repo.ts';
import type { Models } from '../src/models.ts';
import { endingOf, withoutChange, type Ending } from '../src/proposer/agent/ending.ts';
import { agentOrder, type AgentOrder } from '../src/proposer/agent/order.ts';
import { hear, hearLog } from '../src/proposer/agent/output/hear.ts';
import * as places from '../src/proposer/agent/place.ts';
import { furnishHome } from '../src/proposer/agent/surroundings.ts';
import { differsOf, editOfTree, hypothesisOf, LEFT_BEHIND } from '../src/proposer/agent/tree-edit.ts';
import { applyEdit } from '../src/proposer/edit.ts';
import { LEAST_REASON, nearRepeatOf, type Idea } from '../src/proposer/model/near-repeat.ts';
import { buildPrompt } from '../src/proposer/model/prompt.ts';
import type { PromptRequest } from '../src/proposer/model/prompt-request.ts';
import { rebaseEdit } from '../src/proposer/rebase.ts';
import { waitForLock } from '../src/trainer/file-lock.ts';
import { logEnd } from '../src/trainer/last-words.ts';
import type { Exit } from '../src/trainer/trial-spec.ts';
import { readExit, readSpec } from '../src/trainer/trial-state.ts';
import { Detached, watchTrial } from '../src/trainer/watch.ts';
import { usageOf, workOf } from './agent-work.ts';
import type { Asked, TriedIdea } from './ask-model.ts';
import type { ProposeInput } from './contract.ts';
import { blocked, lastWord, pulse } from './failures.ts';
import { killOrDetach } from './kill-or-detach.ts';

/** Which agent is wanted, for what. */
export interface AgentRequest {
  readonly clone: string;
  readonly input: ProposeInput;
  readonly prompt: PromptRequest;
  /** The experiment that it is to mend, which the prompt tells of too; undefined where a new idea is wanted. */
  readonly crashed: ExperimentRecord | undefined;
  /** What its idea must not nearly be, unless it says why. */
  readonly tried: readonly TriedIdea[];
}

type Down = Extract<Proposed, { kind: 'down' }>;

/** Has the agent work until it ends; throws what Temporal retries, and `Blocked` for what a person has to mend. */
export async function askAgent(models: Models, request: AgentRequest): Promise<Asked | Down> {
  const place = placeOf(models, request.input);
  const before = standing(place, request);
  if (before !== undefined) return before;
  const signal = killOrDetach();
  const order = orderOf(models, place, request);
  const exit = await workIn(models, place, order, request, signal);
  // Two runs of this may have watched it: one harvests, and the other finds what came of that.
  const lock = await waitForLock(place.directory.lock, signal);
  if (lock === undefined) throw lastWord();
  try {
    const other = standing(place, request);
    if (other !== undefined) return other;
    if (readExit(place.directory, place.id, () => undefined) === undefined)
      throw new Error(
        `What the agent in ${place.directory.root} did was looked at by another worker; it is asked again.`,
      );
    return await harvest(models, place, request, { order, exit });
  } finally {
    lock.release();
  }
}

/** The answer that is there already. */
function standing(place: places.AgentPlace, { prompt }: AgentRequest): Asked | undefined {
  const answer = places.readAgentAnswer(place);
  if (answer === undefined) return undefined;
  places.clearTree(place); // whoever wrote it may have died before that
  return asAsked(answer, prompt);
}

/** What an agent that has ended did. Its place is locked. */
async function harvest(
  models: Models,
  place: places.AgentPlace,
  request: AgentRequest,
  { order, exit }: { readonly order: AgentOrder; readonly exit: Exit },
): Promise<Asked | Down> {
  const output = hearLog(place.directory.log);
  const work = { ...workOf(models, place, request.input, output), ...askedFor(request) };
  const ending = endingOf(exit, output);
  if (ending.kind !== 'worked') {
    places.forgetStart(place, exit.startedAt, usageOf(models, request.input, output));
    return notReady(ending, clean(ending.words, order));
  }
  const tree = treeOf(place, request);
  const { files } = request.prompt;
  const found = await editOfTree(tree, files, { ...files, ...headOf(request)?.files });
  const said = output.said || output.words;
  const edit = found.kind === 'edit' ? found.edit : [];
  const hypothesis = clean(hypothesisOf(tree.folder, said, edit), order);
  const reason =
    found.kind === 'edit'
      ? nearRepeat(request, { hypothesis, edit }, differsOf(tree.folder, said))
      : found.kind === 'refused'
        ? found.reason
        : `the agent ${withoutChange(exit, output, order.spec.seconds)}`;
  const answer: places.AgentAnswer =
    reason === undefined
      ? { kind: 'edit', hypothesis, edit, work }
      : { kind: 'nothing', hypothesis, reason: clean(reason, order), work };
  places.settle(place, answer);
  return asAsked(answer, request.prompt);
}

/** What was wanted of it, beside an edit. */
const askedFor = ({ crashed, prompt: { wanted } }: AgentRequest): Pick<ModelWork, 'repairs' | 'kind'> => ({
  ...(crashed !== undefined && { repairs: crashed.experiment }),
  ...(crashed === undefined && wanted !== undefined && { kind: wanted }),
});

/** What it nearly was before, where it does not say why it should come out otherwise now. */
function nearRepeat({ tried }: AgentRequest, idea: Idea, differs: string): string | undefined {
  const like = differs.length >= LEAST_REASON ? undefined : nearRepeatOf(idea, tried);
  if (like === undefined) return undefined;
  return `it is nearly experiment ${like.experiment} (${like.verdict}: ${like.outcome}), and says not why it should come out otherwise now`;
}

/** What an agent did for a candidate that stands already; undefined where none did, or its files are gone. */
export function agentWorkKept(models: Models, input: ProposeInput): ModelWork | undefined {
  return input.proposer === 'command' ? places.readAgentAnswer(placeOf(models, input))?.work : undefined;
}

/** Where the agent of this proposal works. */
export const placeOf = ({ agents }: Models, { contract, experiment, base }: ProposeInput): places.AgentPlace =>
  places.agentPlace(agents.proposals, { session: contract.session, experiment, base });

const treeOf = ({ directory }: places.AgentPlace, { clone, input }: AgentRequest) => ({
  clone,
  base: input.base,
  folder: directory.tree,
  ignored: LEFT_BEHIND,
});

/** What it is to mend, where that still applies; else the prompt alone has it. */
function headOf({ prompt: { files }, crashed }: AgentRequest): Head | undefined {
  const again = crashed && rebaseEdit(files, crashed);
  if (again?.kind !== 'proposal') return undefined;
  const changed = Object.entries(again.files).filter(([path, text]) => files[path] !== text);
  return { subject: `experiment ${crashed?.experiment}, which crashed`, files: Object.fromEntries(changed) };
}

/** What stands there already holds, so that an agent that lives is adopted whatever this worker would order now. */
function orderOf({ agents }: Models, place: places.AgentPlace, request: AgentRequest): AgentOrder {
  const { input, prompt } = request;
  const { command = '', choice } = input;
  const standingSpec = readSpec(place.directory, () => undefined);
  if (standingSpec === undefined) {
    const repair = prompt.repair && { ...prompt.repair, isInFolder: headOf(request) !== undefined };
    const { system, stable, fresh } = buildPrompt({ ...prompt, repair }, 'files');
    places.writePrompt(place, [system, ...stable, fresh].join('\n\n')); // before the order, which shows it to the agent
  }
  const told = { command, editable: Object.keys(prompt.files), model: choice?.model };
  const order = agentOrder(agents, place, told);
  return { ...order, spec: standingSpec ?? order.spec };
}

async function workIn(
  { agents }: Models,
  place: places.AgentPlace,
  { spec, secrets }: AgentOrder,
  request: AgentRequest,
  signal: AbortSignal,
): Promise<Exit> {
  try {
    const exit = await watchTrial({
      directory: place.directory,
      spec,
      secrets,
      prepareTree: async () => {
        await makeAgentRepo(treeOf(place, request), headOf(request));
        furnishHome(place, agents.env);
      },
      onProgress: ({ phase, elapsedSeconds, pid }) => {
        const { doing, turns } = hear(logEnd(place.directory.log));
        pulse({ phase: phase === 'training' ? 'agent' : phase, doing, turns, elapsedSeconds, pid });
      },
      signal,
    });
    if (exit.reason !== 'stopped') return exit;
    places.clearTree(place);
  } catch (error) {
    throw error instanceof Detached ? lastWord() : error;
  }
  if (signal.aborted) throw new CancelledFailure('The agent was ended.');
  throw new Error(`The agent in ${place.directory.root} was ended by somebody; it is started again.`);
}

function notReady(ending: Exclude<Ending, { kind: 'worked' }>, words: string): Down {
  const said = sentence(`The agent says: ${words}`);
  if (ending.kind === 'limit') return { kind: 'down', reason: said };
  if (ending.kind === 'absent')
    throw blocked(`${sentence(`The session's command cannot be started: ${words}`)} Install it, then resume.`);
  throw blocked(
    `${said} Log in with it, or set its key in the environment of the control worker (\`npx autoresearch down\`, then \`up\`), then resume.`,
  );
}

function asAsked(answer: places.AgentAnswer, { files }: PromptRequest): Asked {
  const { hypothesis, work } = answer;
  if (answer.kind === 'nothing') return { kind: 'dropped', reason: answer.reason, hypothesis, work };
  const applied = applyEdit(files, answer.edit);
  if (!applied.ok) return { kind: 'dropped', reason: `does not apply: ${applied.reason}`, hypothesis, work };
  return {
    kind: 'proposal',
    hypothesis: hypothesis || '(no hypothesis)',
    edit: answer.edit,
    files: applied.files,
    work,
    ...(work.repairs !== undefined && { repairs: work.repairs }),
  };
}

/** A key is no word to pass on, whoever says it. */
const LEAST_SECRET = 8;
const clean = (text: string, { secrets }: AgentOrder): string =>
  Object.values(secrets)
    .filter((secret) => secret.length >= LEAST_SECRET)
    .reduce((words, secret) => words.replaceAll(secret, '***'), text);
