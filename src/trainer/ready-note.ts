// `ready.json` of a prepared environment: written last, so that without it there is none; taken away, so that it is made
// anew.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './durable-file.ts';

const readySchema = z.object({
  /** Of every file in the data folder, by content. */
  dataHash: z.string(),
  /** Of every file there, by size and times; absent where an older version prepared it. */
  stamp: z.string().optional(),
  /** When it was made: tells it from one that is made in its place. */
  at: z.string(),
});
/** What is known of a prepared environment. */
export type Ready = z.output<typeof readySchema>;

const pathIn = (root: string): string => join(root, 'ready.json');

/** What is known of the environment in `root`; undefined where it is not, or not wholly, prepared. */
export function readReady(root: string): Ready | undefined {
  const ready = readJson(pathIn(root), readySchema);
  return ready.status === 'ok' ? ready.value : undefined;
}

/** Says that the environment in `root` is whole. */
export const writeReady = (root: string, ready: Ready): void => writeJson(pathIn(root), ready);

/** Has the environment in `root` made anew by whoever needs it next. */
export const discardPrepared = (root: string): void => rmSync(pathIn(root), { force: true });
