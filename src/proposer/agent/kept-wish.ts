// What an agent is asked for, as a file beside its prompt: written down before it starts, so that whoever takes it over, or
// starts it once more, means the same, whatever was recorded meanwhile.
import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import { KINDS } from '../../domain/model-work.ts';
import { readJson, writeJson } from '../../trainer/durable-file.ts';
import type { AgentPlace } from './place.ts';

const wishSchema = z.object({
  /** The crashed experiment that it is to repair; absent: a new idea is wanted. */
  repairs: z.int().min(1).optional(),
  /** Of what kind that is to be; absent: the agent chooses. */
  kind: z.enum(KINDS).optional(),
});
/** What is wanted of an agent. */
export type KeptWish = z.output<typeof wishSchema>;

/** What was wanted of this agent before, else what `choose` chooses, which then stays chosen. */
export async function keptWish(
  { directory, wish: path }: Pick<AgentPlace, 'directory' | 'wish'>,
  choose: () => Promise<KeptWish>,
): Promise<KeptWish> {
  const found = readJson(path, wishSchema);
  if (found.status === 'ok') return found.value;
  const wish = await choose();
  mkdirSync(directory.root, { recursive: true, mode: 0o700 });
  writeJson(path, wish);
  return wish;
}
