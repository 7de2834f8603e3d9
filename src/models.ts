// What the control worker's environment says of models: who may be asked, which is, and what that costs.
import { agentProblems, agentsIn, type Agents } from './agents.ts';
import type { StateDirectory } from './config.ts';
import { InvalidInput } from './domain/invalid-input.ts';
import { asksModel, type ProposerName, type SessionInput } from './domain/session.ts';
import { accessIn } from './proposer/model/access.ts';
import { createAskAnthropic, type AskModel } from './proposer/model/ask-anthropic.ts';
import { pricesIn, type Price } from './proposer/model/price.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The models that a control worker can ask. */
export interface Models {
  /** Why nobody can be asked, where this worker has no key or none that can be used. */
  readonly ask: AskModel | string;
  /** Where a session names none. */
  readonly model: string;
  readonly priceOf: (model: string) => Price | null;
  /** Where prompts and answers are kept. */
  readonly proposals: string;
  /** Where trials stand, with what they printed. */
  readonly trials: string;
  /** How coding agents are run. */
  readonly agents: Agents;
}

/** Where neither a session nor ANTHROPIC_MODEL names one. */
const DEFAULT_MODEL = 'claude-sonnet-5-5';

/** Throws `InvalidInput` where AUTORESEARCH_PRICES or AUTORESEARCH_AGENT_SECONDS cannot be read. */
export function modelsIn(
  state: Pick<StateDirectory, 'root' | 'proposals' | 'trials'>,
  env: Environment = process.env,
): Models {
  const access = accessIn(env);
  const { proposals, trials } = state;
  return {
    ask: typeof access === 'string' ? access : createAskAnthropic(access),
    model: env['ANTHROPIC_MODEL']?.trim() || DEFAULT_MODEL,
    priceOf: pricesIn(env),
    proposals,
    trials,
    agents: agentsIn(state, env),
  };
}

/** Who writes the edits of a session: with a key, search and model by turns where the input does not say. */
export const proposerFor = ({ ask }: Models, input: SessionInput): ProposerName =>
  input.proposer ?? (typeof ask === 'string' ? 'search' : 'hybrid');

/** Throws `InvalidInput` where a session wants a model or an agent that cannot be asked, or a bound on what nobody can count. */
export function needModel(models: Models, input: SessionInput): void {
  refuse([...modelProblems(models, input), ...reviewerProblems(models, input), ...agentProblems(models.agents, input)]);
}

/** The same of models alone: which agents there are, another environment may know better. */
export function needKey(models: Models, input: SessionInput): void {
  refuse([...modelProblems(models, input), ...reviewerProblems(models, input)]);
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidInput(problems);
}

function modelProblems(models: Models, input: SessionInput): string[] {
  const { ask, model, priceOf } = models;
  if (!asksModel(proposerFor(models, input))) return unheardOf(ask, input);
  const wanted = input.model ?? model;
  return [...(typeof ask === 'string' ? [ask] : []), ...priceless(priceOf, input, wanted)];
}

/** What only a model heeds, of a person who counts on a key that is not there: search would go on without a word of it. */
function unheardOf(
  ask: Models['ask'],
  { proposer, reviewer, model, effort, maxTokens, usd, tokens }: SessionInput,
): string[] {
  if (proposer !== undefined || typeof ask !== 'string') return [];
  const ofModels = { model, effort, maxTokens, ...(reviewer === undefined && { usd, tokens }) };
  const named = Object.entries(ofModels).flatMap(([name, value]) => (value === undefined ? [] : `\`${name}\``));
  return named.length === 0 ? [] : [`${ask} Or name \`search\` as \`proposer\`: it heeds no ${named.join(', ')}.`];
}

function reviewerProblems({ ask, priceOf }: Models, input: SessionInput): string[] {
  const { reviewer, proposer } = input;
  if (reviewer === undefined) return [];
  const unheard = typeof ask === 'string' && !asksModel(proposer) ? [ask] : []; // said of its proposer already
  return [...unheard, ...priceless(priceOf, input, reviewer)];
}

const priceless = (priceOf: Models['priceOf'], { usd }: SessionInput, wanted: string): string[] =>
  usd === undefined || priceOf(wanted) !== null
    ? []
    : [
        `Expected a model whose price is known where \`usd\` is set, got ${wanted}; say its price in AUTORESEARCH_PRICES, or bound \`tokens\` instead.`,
      ];
