// An edit from a coding agent, which works under a supervisor of its own: it outlives this worker, and whoever asks next
// adopts it or harvests what it left, so that nobody pays for it twice.
import { CancelledFailure } from '@temporalio/common';
import type { ModelWork } from '../src/domain/model-work.ts';
import { makeAgentRepo } from '../src/git/agent-repo.ts';
import { gitDirectoryOf } from '../src/git/git-directory.ts';
import { isPathOrigin } from '../src/git/user-repo.ts';
import type { Models } from '../src/models.ts';
import { agentOrder, type AgentOrder } from '../src/proposer/agent/order.ts';
import { hear } from '../src/proposer/agent/output/hear.ts';
import * as places from '../src/proposer/agent/place.ts';
import { furnishHome } from '../src/proposer/agent/surroundings.ts';
import { buildPrompt } from '../src/proposer/model/prompt.ts';
import { waitForLock } from '../src/trainer/file-lock.ts';
import { logEnd } from '../src/trainer/last-words.ts';
import type { Exit } from '../src/trainer/trial-spec.ts';
import { readExit, readSpec } from '../src/trainer/trial-state.ts';
import { Detached, watchTrial } from '../src/trainer/watch.ts';
import type { Asked } from './ask-model.ts';
import type { ProposeInput } from './contract.ts';
import { lastWord, pulse } from './failures.ts';
import { harvest, headOf, standing, treeOf, type AgentRequest, type Down } from './harvest-agent.ts';
import { killOrDetach } from './kill-or-detach.ts';

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

/** What an agent did for a candidate that stands already; undefined where none did, or its files are gone. */
export function agentWorkKept(models: Models, input: ProposeInput): ModelWork | undefined {
  return input.proposer === 'command' ? places.readAgentAnswer(placeOf(models, input))?.work : undefined;
}

/** Where the agent of this proposal works. */
export const placeOf = ({ agents }: Models, { contract, experiment, base }: ProposeInput): places.AgentPlace =>
  places.agentPlace(agents.proposals, { session: contract.session, experiment, base });

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
  const { origin } = input.contract;
  // Ledgers are pushed there: sealed scores, and what made a candidate suspicious.
  const hidden = isPathOrigin(origin) ? [gitDirectoryOf(origin)] : [];
  const told = { command, editable: Object.keys(prompt.files), model: choice?.model, hidden };
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
