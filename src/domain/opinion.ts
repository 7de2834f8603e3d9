// What a second model thinks of a candidate that is about to be kept: does its edit change the learning system, or the
// measurement? It never judges a gain; it can only keep one from being taken for one before a person has looked.
import { z } from 'zod';
import type { Needs } from './budget.ts';
import { modelWorkSchema, type ModelWork } from './model-work.ts';
import { sentence } from './sentence.ts';

/** `ok`: it changes the learning system; `question`: who knows; `reject`: it changes the measurement; `unread`: nobody looked. */
const OPINIONS = ['ok', 'question', 'reject', 'unread'] as const;

/** An opinion, as a record keeps it. */
export const opinionSchema = z.object({
  opinion: z.enum(OPINIONS),
  reason: z.string(),
  work: modelWorkSchema,
});
/** What a reviewer said of one candidate, and what that took. */
export type Opinion = z.output<typeof opinionSchema>;

const DOUBTS = { question: 'is not sure that it changes', reject: 'says that it does not change' } as const;

/** What came of a review. */
export interface Reviewed {
  readonly opinion: Opinion;
  /** Nobody read it because the model cannot be asked now. */
  readonly isDown?: true;
  /** Nobody did because that may take so much, which is more than is left. */
  readonly needs?: Needs;
}

/** Why a candidate is not kept by itself, in a sentence for people; null where its reviewer has nothing against it. */
export function doubtIn({ opinion, reason, work }: Opinion): string | null {
  if (opinion === 'ok') return null;
  if (opinion === 'unread')
    return `the reviewer (${work.model}) has not read it: ${sentence(reason)} Read it yourself.`;
  return `the reviewer (${work.model}) ${DOUBTS[opinion]} the learning system alone: ${sentence(reason)}`;
}

/** What models took for an experiment, whoever asked them. */
export const allWork = ({ work, opinion }: { work?: ModelWork | undefined; opinion?: Opinion | undefined }) =>
  [work, opinion?.work].flatMap((one) => one ?? []);
