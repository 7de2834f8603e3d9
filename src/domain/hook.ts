// A task's hooks: commands of its own that run before an experiment is proposed, and after the record of one that was
// tried. What they print is a note for whoever proposes next, never more: data, and no word on any verdict. Each run
// stands in the ledger once, whatever died meanwhile; a hook that died with its worker runs again.
import { z } from 'zod';
import type { Task } from './task.ts';

/** When a hook runs: `before` a proposal, `after` a record. */
export const HOOK_STAGES = ['before', 'after'] as const;

/** One `hooks/<nn>/<n>-<stage>.json` of the ledger. */
export const hookRunSchema = z.object({
  version: z.literal(1),
  stage: z.enum(HOOK_STAGES),
  /** The one that is proposed, or that has its record. */
  experiment: z.int().min(1),
  /** Whose proposer is told what it printed; absent: the session was at its end. */
  told: z.int().min(1).optional(),
  /** ISO time from the workflow's clock. */
  at: z.string(),
  /** Null where a signal ended it. */
  exitCode: z.int().nullable(),
  timedOut: z.boolean(),
  seconds: z.number(),
  /** All that it printed; `note` is the beginning of that. */
  stdoutBytes: z.int(),
  note: z.string(),
});
/** A hook that ran. */
export type HookRun = z.output<typeof hookRunSchema>;

/** Which hook is to run. */
export type HookOrder = Pick<HookRun, 'stage' | 'experiment'>;

/** Where a run stands in the ledger: sharded as experiments are. */
export const hookPath = ({ stage, experiment }: HookOrder): string =>
  `hooks/${String(Math.floor(experiment / 100)).padStart(2, '0')}/${experiment}-${stage}.json`;

/** What is known where hooks may be due. */
export interface HookQuestion {
  readonly hooks: Task['hooks'];
  /** Those that ran. */
  readonly ran: readonly HookOrder[];
  /** The experiments that were tried and have their records. */
  readonly tried: readonly number[];
  /** The experiment that is to be proposed; absent: there is none. */
  readonly next?: number;
}

/** The hooks that have to run now, in their order. */
export function dueHooks({ hooks = {}, ran, tried, next }: HookQuestion): HookOrder[] {
  const wanted: HookOrder[] = [
    ...tried.map((experiment) => ({ stage: 'after', experiment }) as const),
    ...(next === undefined ? [] : [{ stage: 'before', experiment: next } as const]),
  ];
  const hasRun = new Set(ran.map(hookPath));
  return wanted.filter((order) => hooks[order.stage] !== undefined && !hasRun.has(hookPath(order)));
}

/** How a hook ended, where that is not well: `exited with code 1`; null where it is. */
export function hookTrouble({ exitCode, timedOut, seconds }: HookRun): string | null {
  if (timedOut) return `was ended after ${Math.round(seconds)} s`;
  if (exitCode === null) return 'was ended by a signal';
  return exitCode === 0 ? null : `exited with code ${exitCode}`;
}
