// What was measured is kept in bench/results/<part>.json, piece by piece, so that a long benchmark can be done in parts.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FOLDER = join(import.meta.dirname, 'results');

const rowSchema = z.object({ number: z.string(), measured: z.string(), bound: z.string(), ok: z.boolean().nullable() });
const pieceSchema = z.object({ at: z.string(), code: z.string(), load: z.number(), value: z.unknown() });
const resultsSchema = z.object({
  part: z.string(),
  machine: z.string(),
  pieces: z.record(z.string(), pieceSchema),
  /** Of the newest run that came to its end. */
  rows: z.array(rowSchema),
});

/** Everything that is kept of a part. */
export type Results = z.output<typeof resultsSchema>;
/** One piece, with when, by which code and under which load (of the last minute, at its start) it was measured. */
export type Piece = z.output<typeof pieceSchema>;

const pathOf = (part: string): string => join(FOLDER, `${part}.json`);

/** What is kept of a part; undefined where nothing is, or nothing that can be read. */
export function readResults(part: string): Results | undefined {
  let text: string;
  try {
    text = readFileSync(pathOf(part), 'utf8');
  } catch {
    return undefined; // never measured
  }
  return resultsSchema.safeParse(JSON.parse(text)).data;
}

/** Keeps it, whole or not at all. */
export function writeResults(results: Results): void {
  mkdirSync(FOLDER, { recursive: true });
  const mine = `${pathOf(results.part)}.${process.pid}`;
  writeFileSync(mine, `${JSON.stringify(results, undefined, 2)}\n`);
  renameSync(mine, pathOf(results.part));
}
