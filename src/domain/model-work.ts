// What a model or a coding agent did for an edit, and what that took.
import { z } from 'zod';

const finite = z.number();

/** What sort of idea an edit is, by its author's own word, or as an agent was asked for. */
export const KINDS = [
  'scalar',
  'schedule',
  'optimizer',
  'arch',
  'data',
  'systems',
  'simplify',
  'reproduce',
  'combine',
  'ablate',
] as const;
/** One of the ten. */
export type Kind = (typeof KINDS)[number];
/** What a model did for an edit, and what that took. */
export const modelWorkSchema = z.object({
  model: z.string(),
  /** Absent where it did not say, and was not asked for one. */
  kind: z.enum(KINDS).optional(),
  /** In the metric's units, by its own word. */
  expectedGain: finite.optional(),
  promptHash: z.string(),
  /** How often it was asked: once more where its answer did not fit. */
  turns: z.int(),
  /** All that it read, what was cached included. */
  inputTokens: z.int(),
  /** Of that, what was read from the API's cache. */
  cachedTokens: z.int(),
  outputTokens: z.int(),
  /** Null where nobody knows the model's price. */
  usd: finite.nullable(),
  /** The crashed experiment that it was asked to repair. */
  repairs: z.int().min(1).optional(),
  /** Nothing came of it: its API failed, and the search proposed instead. */
  inVain: z.literal(true).optional(),
});
/** What a model did for an edit. */
export type ModelWork = z.output<typeof modelWorkSchema>;
