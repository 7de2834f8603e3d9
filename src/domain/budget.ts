import type { SessionInput } from './session.ts';

/** What a session may spend; absent means unbounded. */
export interface Budget {
  readonly experiments: number;
  readonly hours?: number | undefined;
  readonly gpuHours?: number | undefined;
}

/** What a session has spent. `hours` is wall clock since the start; `gpuHours` is trained time. */
export interface Spent {
  readonly experiments: number;
  readonly hours: number;
  readonly gpuHours: number;
}

/** Experiments of a session that names no number: about a night of five-minute trials. */
const DEFAULT_EXPERIMENTS = 100;

/** The budget that an input asks for. */
export function budgetOf(input: SessionInput): Budget {
  return { experiments: input.experiments ?? DEFAULT_EXPERIMENTS, hours: input.hours, gpuHours: input.gpuHours };
}

/** A budget made larger by what `extend` adds; an unbounded part stays unbounded. */
export function extendBudget(budget: Budget, more: { [Part in keyof Budget]?: Budget[Part] | undefined }): Budget {
  return {
    experiments: budget.experiments + (more.experiments ?? 0),
    hours: budget.hours === undefined ? undefined : budget.hours + (more.hours ?? 0),
    gpuHours: budget.gpuHours === undefined ? undefined : budget.gpuHours + (more.gpuHours ?? 0),
  };
}

/** Which part of the budget is spent, as a sentence, or null while there is some left. */
export function exhausted(budget: Budget, spent: Spent): string | null {
  if (spent.experiments >= budget.experiments) return `all ${budget.experiments} experiments are done`;
  if (budget.hours !== undefined && spent.hours >= budget.hours) return `${budget.hours} hours are over`;
  if (budget.gpuHours !== undefined && spent.gpuHours >= budget.gpuHours)
    return `${budget.gpuHours} device hours are spent`;
  return null;
}
