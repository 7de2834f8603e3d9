// The keys that a schema knows at a place, so that a mistyped one can be answered with what was meant.
import { z } from 'zod';

/** The keys of the mapping at `path`, the one that is most like `wrong` first; empty where there is no mapping. */
export function knownKeys(schema: unknown, path: readonly PropertyKey[], wrong: string): string[] {
  const keys = keysAt(schema, path);
  const distances = new Map(keys.map((key) => [key, distance(wrong.toLowerCase(), key.toLowerCase())]));
  return keys.toSorted((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0));
}

function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const bare = unwrapped(schema);
  const [first, ...rest] = path;
  if (bare instanceof z.ZodObject)
    return first === undefined ? Object.keys(bare.shape) : keysAt(bare.shape[String(first)], rest);
  return bare instanceof z.ZodArray && first !== undefined ? keysAt(bare.element, rest) : [];
}

function unwrapped(schema: unknown): unknown {
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  return isWrapped ? unwrapped(schema.unwrap()) : schema;
}

/** How many letters must be added, left out or changed (Levenshtein 1966). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, k) => k);
  for (const [i, letter] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [k, other] of Array.from(to).entries())
      next.push(Math.min((row[k + 1] ?? 0) + 1, (next[k] ?? 0) + 1, (row[k] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
