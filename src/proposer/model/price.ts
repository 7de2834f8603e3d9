// What a model's tokens cost. Prices change, and new models come: what a person says wins, and what nobody knows is said to
// be unknown, never guessed.
import { z } from 'zod';
import { InvalidInput } from '../../domain/invalid-input.ts';

/** US dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Read from the cache, and written into it for five minutes, or for an hour; absent: the usual share of the input's price. */
  readonly cached?: number | undefined;
  readonly written?: number | undefined;
  readonly writtenForHour?: number | undefined;
}

/** Tokens of one answer, as the API counts them. */
export interface Usage {
  /** Read anew. */
  readonly input: number;
  /** Read from the cache, and written into it for five minutes, or for an hour. */
  readonly cached: number;
  readonly written: number;
  readonly writtenForHour?: number;
  readonly output: number;
}

/** List prices by the model's name, with or without a date behind it. As published by November 2026. */
const LIST: Readonly<Record<string, Price>> = {
  'claude-fable-5-1': { input: 10, output: 50 },
  'claude-opus-5-5': { input: 4, output: 20, cached: 0.2 },
  'claude-opus-5': { input: 5, output: 25 },
  'claude-sonnet-5-5': { input: 2, output: 10, cached: 0.1 },
  'claude-sonnet-5': { input: 2, output: 10 },
  'claude-haiku-4-5': { input: 1, output: 5 },
};
/** The usual shares. */
const CACHED = 0.1;
const WRITTEN = 1.25;
const WRITTEN_FOR_HOUR = 2;

const dollars = z.number().min(0);
const priceSchema = z.strictObject({
  input: dollars,
  output: dollars,
  cached: dollars.optional(),
  written: dollars.optional(),
  writtenForHour: dollars.optional(),
});
const tableSchema = z.record(z.string(), priceSchema);

/**
 * Prices from AUTORESEARCH_PRICES (`{"claude-x": {"input": 3, "output": 15}}`, US dollars for a million tokens), then the
 * list. Throws `InvalidInput` where that is no such JSON.
 */
export function pricesIn(env: Readonly<Record<string, string | undefined>>): (model: string) => Price | null {
  const text = env['AUTORESEARCH_PRICES'] ?? '';
  const table = { ...LIST, ...(text === '' ? {} : parsed(text)) };
  const priceOf = (name: string): Price | null => (Object.hasOwn(table, name) ? (table[name] ?? null) : null);
  return (model) => priceOf(model) ?? priceOf(model.replace(/-\d{8}$/, ''));
}

function parsed(text: string): z.output<typeof tableSchema> {
  try {
    return tableSchema.parse(JSON.parse(text));
  } catch {
    throw new InvalidInput([
      `Expected AUTORESEARCH_PRICES to be JSON such as {"claude-x": {"input": 3, "output": 15}} (US dollars for a million tokens), got ${text.slice(0, 60)}.`,
    ]);
  }
}

/** What one answer costs, in US dollars; null where nobody knows the price. */
export function costOf(
  { input, cached, written, writtenForHour = 0, output }: Usage,
  price: Price | null,
): number | null {
  if (price === null) return null;
  const read = input * price.input + cached * (price.cached ?? CACHED * price.input);
  const kept =
    written * (price.written ?? WRITTEN * price.input) +
    writtenForHour * (price.writtenForHour ?? WRITTEN_FOR_HOUR * price.input);
  return (read + kept + output * price.output) / 1e6;
}
