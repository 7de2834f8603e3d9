import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import type { Budget } from '../src/domain/budget.ts';
import type { BestReport } from '../src/domain/best-report.ts';
import type { ExperimentLine, StatusReport } from '../src/domain/report.ts';
import { MOST_EXPERIMENTS } from '../src/domain/session.ts';

/** What `stop` takes. */
export const stopSchema = z.strictObject({ now: z.boolean().optional() });
/** What `hint` takes: what to tell, or which hint to withdraw, by its number. */
export const hintSchema = z
  .strictObject({ text: z.string().trim().min(1).max(2000).optional(), withdraw: z.int().min(1).optional() })
  .superRefine(({ text, withdraw }, context) => {
    if ((text === undefined) !== (withdraw === undefined)) return;
    const message = text === undefined ? 'a hint, or `withdraw` the number of one' : 'left out beside `withdraw`';
    context.addIssue({ code: 'custom', path: ['text'], input: text, message });
  });
/** What `patch` takes: a unified diff, and why, which becomes the commit's subject. */
export const patchSchema = z.strictObject({
  diff: z.string().min(1).max(64_000),
  hypothesis: z.string().trim().min(1).max(300).optional(),
});
/** What `pin` takes: whose candidate is to be the incumbent; 0 is the baseline. */
export const pinSchema = z.strictObject({ experiment: z.int().min(0) });
/** What `veto` takes: an experiment that waits or is being tried. */
export const vetoSchema = z.strictObject({ experiment: z.int().min(1) });
/** What `approve` takes: an experiment that waits for a yes. */
export const approveSchema = z.strictObject({ experiment: z.int().min(1) });
/** What `extend` takes: what to add to the budget. */
export const extendSchema = z.strictObject({
  experiments: z.int().min(1).max(MOST_EXPERIMENTS).optional(),
  hours: z.number().positive().optional(),
  gpuHours: z.number().positive().optional(),
  usd: z.number().positive().optional(),
  tokens: z.int().min(1).optional(),
});
/** What the query `experiments` takes. */
export const limitSchema = z.strictObject({ limit: z.int().min(1).max(50).optional() });

/** What `review` takes: of an experiment in quarantine. */
export const reviewSchema = z.strictObject({
  experiment: z.int().min(1),
  decision: z.enum(['accepted', 'rejected']),
});

/** The answer to every update: the state that follows. */
export interface Acknowledged {
  readonly status: StatusReport['status'];
  readonly budget: Budget;
}

export const bestQuery = defineQuery<BestReport>('best');
export const statusQuery = defineQuery<StatusReport>('status');
export const experimentsQuery = defineQuery<readonly ExperimentLine[], [options?: z.input<typeof limitSchema>]>(
  'experiments',
);

export const pauseUpdate = defineUpdate<Acknowledged, [options: object]>('pause');
export const resumeUpdate = defineUpdate<Acknowledged, [options: object]>('resume');
export const stopUpdate = defineUpdate<Acknowledged, [options: z.input<typeof stopSchema>]>('stop');
export const patchUpdate = defineUpdate<Acknowledged, [options: z.input<typeof patchSchema>]>('patch');
export const pinUpdate = defineUpdate<Acknowledged, [options: z.input<typeof pinSchema>]>('pin');
export const vetoUpdate = defineUpdate<Acknowledged, [options: z.input<typeof vetoSchema>]>('veto');
export const approveUpdate = defineUpdate<Acknowledged, [options: z.input<typeof approveSchema>]>('approve');
export const hintUpdate = defineUpdate<Acknowledged, [options: z.input<typeof hintSchema>]>('hint');
export const auditUpdate = defineUpdate<Acknowledged, [options: object]>('audit');
export const reviewUpdate = defineUpdate<Acknowledged, [options: z.output<typeof reviewSchema>]>('review');
export const extendUpdate = defineUpdate<Acknowledged, [options: z.input<typeof extendSchema>]>('extend');

export const pauseSignal = defineSignal<[options: object]>('pause');
export const resumeSignal = defineSignal<[options: object]>('resume');
export const stopSignal = defineSignal<[options: z.input<typeof stopSchema>]>('stop');
