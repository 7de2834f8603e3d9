// What is known of an agent's work by its own word: model, tokens, cost, what it said last, what went wrong.
import { z } from 'zod';

/** What was heard so far. */
export interface Heard {
  model: string | undefined;
  /** How often it asked its model, or the nearest that it counts. */
  turns: number;
  /** All that it read, what was cached included. */
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  /** In US dollars; null while it says nothing of it. */
  usd: number | null;
  /** Its last words to whoever asked. */
  said: string;
  /** What stopped it, in its words; null while nothing did. */
  trouble: string | null;
  /** What it is at, in a few words. */
  doing: string;
}

/** Before the first line. */
export const nothingHeard = (): Heard => ({
  model: undefined,
  turns: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  usd: null,
  said: '',
  trouble: null,
  doing: '',
});

/** An agent's way to talk: takes an event of its own and notes what it says; answers false for another's. */
export type Dialect = (event: unknown, heard: Heard) => boolean;

/** Tokens, as every agent counts them. */
export const count = z.number().min(0).catch(0);

const MOST = 100;

/** A tool and what it is used on, short enough for a heartbeat. */
export function inShort(...words: readonly unknown[]): string {
  const texts = words.filter((word): word is string => typeof word === 'string' && word !== '');
  return texts.join(' ').replaceAll(/\s+/g, ' ').slice(0, MOST);
}
