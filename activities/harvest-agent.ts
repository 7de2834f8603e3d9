// What a coding agent left: its tree and its log become an edit, or why there is none. That answer is on disk before it is
// used, so that two workers who saw the agent end have the same.
import { existsSync } from 'node:fs';
import type { Edit, ExperimentRecord } from '../src/domain/experiment.ts';
import type { ModelWork } from '../src/domain/model-work.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { sentence } from '../src/domain/sentence.ts';
import type { Head } from '../src/git/agent-repo.ts';
import type { Models } from '../src/models.ts';
import { endingOf, withoutChange, type Ending } from '../src/proposer/agent/ending.ts';
import type { AgentOrder } from '../src/proposer/agent/order.ts';
import { hearLog } from '../src/proposer/agent/output/hear.ts';
import * as places from '../src/proposer/agent/place.ts';
import { differsOf, editOfTree, hypothesisOf, LEFT_BEHIND } from '../src/proposer/agent/tree-edit.ts';
import { applyEdit } from '../src/proposer/edit.ts';
import { masked } from '../src/proposer/model/access.ts';
import { LEAST_REASON, nearRepeatOf, type Idea } from '../src/proposer/model/near-repeat.ts';
import type { PromptRequest } from '../src/proposer/model/prompt-request.ts';
import { rebaseEdit } from '../src/proposer/rebase.ts';
import type { Exit } from '../src/trainer/trial-spec.ts';
import { usageOf, workOf } from './agent-work.ts';
import type { Asked, TriedIdea } from './ask-model.ts';
import type { ProposeInput } from './contract.ts';
import { blocked } from './failures.ts';

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

/** It cannot be asked now; Temporal asks later. */
export type Down = Extract<Proposed, { kind: 'down' }>;

/** The answer that is there already. */
export function standing(place: places.AgentPlace, { prompt }: AgentRequest): Asked | undefined {
  const answer = places.readAgentAnswer(place);
  if (answer === undefined) return undefined;
  places.clearTree(place); // whoever wrote it may have died before that
  return asAsked(answer, prompt);
}

/** What an agent that has ended did. Its place is locked. */
export async function harvest(
  models: Models,
  place: places.AgentPlace,
  request: AgentRequest,
  { order, exit }: { readonly order: AgentOrder; readonly exit: Exit },
): Promise<Asked | Down> {
  places.maskLog(place, Object.values(keysOf(order)));
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
      ? (keyIn(edit, order) ?? nearRepeat(request, { hypothesis, edit }, differsOf(tree.folder, said)))
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

/** The agent's repo, as git makes it and reads it again. */
export const treeOf = ({ directory }: places.AgentPlace, { clone, input }: AgentRequest) => ({
  clone,
  base: input.base,
  folder: directory.tree,
  ignored: LEFT_BEHIND,
});

/** What it is to mend, where that still applies; else the prompt alone has it. */
export function headOf({ prompt: { files }, crashed }: AgentRequest): Head | undefined {
  const again = crashed && rebaseEdit(files, crashed);
  if (again?.kind !== 'proposal') return undefined;
  const changed = Object.entries(again.files).filter(([path, text]) => files[path] !== text);
  return { subject: `experiment ${crashed?.experiment}, which crashed`, files: Object.fromEntries(changed) };
}

const NOT_SEEN =
  'It is there, but of /tmp an agent sees only what PATH and AUTORESEARCH_READABLE of the control worker name: name its folder (`npx autoresearch down`, then `up`), then resume.';

/** Whether what bash did not find is on this machine, in the one place that every sandbox has of its own. */
const isNotSeen = (words: string): boolean =>
  existsSync(/(\/tmp\/[^:]+): No such file or directory/.exec(words)?.[1] ?? '');

function notReady(ending: Exclude<Ending, { kind: 'worked' }>, words: string): Down {
  const said = sentence(`The agent says: ${words}`);
  if (ending.kind === 'limit') return { kind: 'down', reason: said };
  if (ending.kind === 'absent')
    throw blocked(
      `${sentence(`The session's command cannot be started: ${words}`)} ${isNotSeen(words) ? NOT_SEEN : 'Install it, then resume.'}`,
    );
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

/** A key is no word to pass on, whoever says it. Shorter words are no keys, and would be found everywhere. */
const LEAST_SECRET = 8;
const keysOf = ({ secrets }: AgentOrder): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).filter(([, secret]) => secret.length >= LEAST_SECRET));

const clean = (text: string, order: AgentOrder): string => masked(text, Object.values(keysOf(order)));

/** What an edit becomes is a commit, which stays: why this one must not; undefined where it holds no key. */
function keyIn(edit: readonly Edit[], order: AgentOrder): string | undefined {
  const texts = edit.flatMap((one) => Object.values(one));
  const found = Object.entries(keysOf(order)).find(([, secret]) => texts.some((text) => text.includes(secret)));
  return found && `refused edit: it writes the value of ${found[0]} into a file`;
}
