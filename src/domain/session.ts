import { z } from 'zod';

const text = z.string().trim().min(1);
const count = z.int().min(1);

/** Session input: every field optional, unknown keys refused; the same JSON in CLI, Temporal UI and scripts. */
export const sessionInputSchema = z.strictObject({
  repo: text.optional(),
  ref: text.optional(),
  tag: text.optional(),
  task: text.optional(),
  proposer: z.enum(['search', 'random']).optional(),
  experiments: count.max(100_000).optional(),
  hours: z.number().positive().optional(),
  gpuHours: z.number().positive().optional(),
  trialSeconds: z.number().min(0.1).max(86_400).optional(),
  lookahead: z.int().min(0).max(1).optional(),
  rule: z.enum(['greedy']).optional(),
  calibration: z.int().min(1).max(20).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
  push: z.enum(['all', 'kept', 'none']).optional(),
  keepOutputs: z.enum(['best', 'all']).optional(),
  /** A session whose workflow is gone or over: goes on from its ledger, under its own id. */
  continueFrom: text.optional(),
});

/** What a person may say when a session starts. Times in seconds or hours as named. */
export type SessionInput = z.output<typeof sessionInputSchema>;

/** The words for a session's state; `interrupted` is only ever read from git. */
export type SessionStatus =
  | 'opening'
  | 'calibrating'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'blocked'
  | 'stopping'
  | 'auditing'
  | 'done'
  | 'failed';
