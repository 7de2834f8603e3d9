import type { ModelWork } from './model-work.ts';
import type { SessionInput } from './session.ts';

/** What a session may spend; absent means unbounded. */
export interface Budget {
  readonly experiments: number;
  readonly hours?: number | undefined;
  readonly gpuHours?: number | undefined;
  /** Of models. */
  readonly usd?: number | undefined;
  readonly tokens?: number | undefined;
}

/** What a session has spent. `hours` is wall clock since the start; `gpuHours` is trained time. */
export interface Spent {
  readonly experiments: number;
  readonly hours: number;
  readonly gpuHours: number;
  readonly work: Work;
}

/** What models took of a session's budget; `most…` is what the dearest proposal took, and is kept free for the next. */
export interface Work {
  /** What is known of it: a model without a price counts as nothing. */
  readonly usd: number;
  readonly tokens: number;
  readonly mostUsd: number;
  readonly mostTokens: number;
}

/** What may still be spent on models; absent means unbounded. */
export type Left = Pick<Budget, 'usd' | 'tokens'>;

/** The most that asking a model may take. */
export interface Needs {
  readonly usd: number;
  readonly tokens: number;
}

/** Before any model was asked. */
export const NO_WORK: Work = { usd: 0, tokens: 0, mostUsd: 0, mostTokens: 0 };

/** What a model did for one experiment, asked again because its base had moved. */
export function joinWork(before: ModelWork | undefined, now: ModelWork | undefined): ModelWork | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return {
    ...now,
    turns: before.turns + now.turns,
    inputTokens: before.inputTokens + now.inputTokens,
    cachedTokens: before.cachedTokens + now.cachedTokens,
    outputTokens: before.outputTokens + now.outputTokens,
    usd: before.usd === null || now.usd === null ? null : before.usd + now.usd,
  };
}

/**
 * What models took, as one more proposal has to see it beside others that are being made: each may take what the dearest
 * did. As long as nobody knows what one takes, a bounded session has them made one after the other.
 */
export function workBeside({ usd, tokens }: Budget, work: Work, making: number): Work {
  const isUnknown = making > 0 && work.tokens === 0 && (usd ?? tokens) !== undefined;
  if (isUnknown) return { ...work, mostUsd: Infinity, mostTokens: Infinity };
  return { ...work, mostUsd: work.mostUsd * (making + 1), mostTokens: work.mostTokens * (making + 1) };
}

/** What one more proposal may take, while others are being made; undefined where nothing bounds it. */
export function leftFor({ usd, tokens }: Budget, work: Work, making: number): Left | undefined {
  if ((usd ?? tokens) === undefined) return undefined;
  return {
    ...(usd !== undefined && { usd: usd - work.usd - making * work.mostUsd }),
    ...(tokens !== undefined && { tokens: tokens - work.tokens - making * work.mostTokens }),
  };
}

/** Why a model is not asked, in words; null where what is left pays for it, with what was paid for the same proposal. */
export function lacking(left: Left, needs: Needs, paid: Needs): string | null {
  const [usd, tokens] = [(left.usd ?? Infinity) - paid.usd, (left.tokens ?? Infinity) - paid.tokens];
  if (needs.usd > usd)
    return `asking the model may take $${needs.usd.toFixed(4)}, and $${usd.toFixed(4)} is left for models`;
  if (needs.tokens > tokens) return `asking the model may take ${needs.tokens} tokens, and ${tokens} are left`;
  return null;
}

/** The next proposal may take as much as was too much for this one. */
export const keepFree = (work: Work, { usd, tokens }: Needs): Work => ({
  ...work,
  mostUsd: Math.max(work.mostUsd, usd),
  mostTokens: Math.max(work.mostTokens, tokens),
});

/** With one more proposal. */
export function addWork(
  work: Work,
  { usd, inputTokens, outputTokens }: Pick<ModelWork, 'usd' | 'inputTokens' | 'outputTokens'>,
): Work {
  const [cost, tokens] = [usd ?? 0, inputTokens + outputTokens];
  const most = keepFree(work, { usd: cost, tokens });
  return { ...most, usd: work.usd + cost, tokens: work.tokens + tokens };
}

/** Experiments of a session that names no number: about a night of five-minute trials. */
const DEFAULT_EXPERIMENTS = 100;

/** The budget that an input asks for. */
export function budgetOf(input: SessionInput): Budget {
  const { experiments = DEFAULT_EXPERIMENTS, hours, gpuHours, usd, tokens } = input;
  return { experiments, hours, gpuHours, ...(usd !== undefined && { usd }), ...(tokens !== undefined && { tokens }) };
}

/**
 * The budget of an input that names no number of experiments, for a task that does: in place of the default, whatever was
 * added by now.
 */
export function budgetWith(budget: Budget, experiments: number): Budget {
  return { ...budget, experiments: budget.experiments - DEFAULT_EXPERIMENTS + experiments };
}

/** A budget made larger by what `extend` adds; an unbounded part stays unbounded. */
export function extendBudget(budget: Budget, more: { [Part in keyof Budget]?: Budget[Part] | undefined }): Budget {
  const longer = (part: 'hours' | 'gpuHours' | 'usd' | 'tokens'): number | undefined => {
    const bound = budget[part];
    return bound === undefined ? undefined : bound + (more[part] ?? 0);
  };
  return {
    experiments: budget.experiments + (more.experiments ?? 0),
    hours: longer('hours'),
    gpuHours: longer('gpuHours'),
    ...(budget.usd !== undefined && { usd: longer('usd') }),
    ...(budget.tokens !== undefined && { tokens: longer('tokens') }),
  };
}

/** Which part of the budget is spent, as a sentence, or null while there is some left. */
export function exhausted(budget: Budget, spent: Spent): string | null {
  if (spent.experiments >= budget.experiments) return `all ${budget.experiments} experiments are done`;
  if (budget.hours !== undefined && spent.hours >= budget.hours) return `${budget.hours} hours are over`;
  if (budget.gpuHours !== undefined && spent.gpuHours >= budget.gpuHours)
    return `${budget.gpuHours} device hours are spent`;
  const { usd, tokens, mostUsd, mostTokens } = spent.work;
  // Stopped before it is exceeded: the next proposal may take as much as the dearest did.
  if (budget.usd !== undefined && usd + mostUsd > budget.usd)
    return `the ${budget.usd} US dollars for models are spent, or what is left may not pay for another question`;
  if (budget.tokens !== undefined && tokens + mostTokens > budget.tokens)
    return `the ${budget.tokens} tokens for models are spent, or what is left may not pay for another question`;
  return null;
}
