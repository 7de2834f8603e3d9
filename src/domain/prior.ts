// What another program, or a session elsewhere, wrote down of experiments on this code: hearsay. Its values have other
// seeds, other noise and another machine behind them, so they are told to people and never compared with ours.
import { z } from 'zod';
import { VERDICTS } from './experiment.ts';

const priorExperimentSchema = z.object({
  /** As that log counts; else its place in the log, from 1. */
  number: z.int().min(0),
  /** As it stands there, mostly seven digits; null where there is none. */
  commit: z.string().nullable(),
  /** `checks_failed`: measured, but not correct; `measured`: correct, and nobody wrote down whether it was kept. */
  verdict: z.enum([...VERDICTS, 'checks_failed', 'measured']),
  /** Null where there is none, as after a crash. */
  value: z.number().nullable(),
  metrics: z.record(z.string(), z.number()),
  description: z.string(),
  /** What whoever tried it noted of it beside, in a few words each: why it went wrong, what to try next. */
  notes: z.array(z.string()).optional(),
  /** ISO time, where the log has one. */
  at: z.string().optional(),
});
/** One experiment of another program's log. */
export type PriorExperiment = z.output<typeof priorExperimentSchema>;

const priorSegmentSchema = z.object({
  /** What its log calls it; empty where it has no name. */
  name: z.string(),
  /** Null where the log does not say; the same of unit and direction. */
  metric: z.string().nullable(),
  unit: z.string().nullable(),
  direction: z.enum(['minimize', 'maximize']).nullable(),
  experiments: z.array(priorExperimentSchema),
});
/** A part of a log whose experiments were measured by one metric on one thing. */
export type PriorSegment = z.output<typeof priorSegmentSchema>;

/** A log as it was read, whichever program wrote it. */
export const priorLogSchema = z.object({
  version: z.literal(1),
  /** `jsonl`: what `results --format jsonl` printed of a session. */
  format: z.enum(['karpathy', 'pi', 'autokernel', 'jsonl']),
  segments: z.array(priorSegmentSchema),
});
/** A log as it was read. */
export type PriorLog = z.output<typeof priorLogSchema>;
