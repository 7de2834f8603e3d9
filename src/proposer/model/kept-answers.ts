// What a model was asked for an experiment and what it answered, as files: read by whoever runs the question again, and by
// people. The answers are as they came, so that nothing that was paid for is lost.
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import { folderName } from '../../domain/names.ts';
import { readJson, writeJson } from '../../trainer/durable-file.ts';

const keptSchema = z.object({
  model: z.string(),
  prompt: z.object({ system: z.string(), stable: z.array(z.string()), fresh: z.string() }),
  /** One for each question; the second is about what was wrong with the first. */
  answers: z.array(z.custom<Message>((value) => typeof value === 'object' && value !== null && 'content' in value)),
  /** The crashed experiment that it was asked to repair. */
  repairs: z.int().min(1).optional(),
  /** What was paid for answers that broke off. */
  lost: z
    .array(
      z.custom<Message['usage']>((value) => typeof value === 'object' && value !== null && 'input_tokens' in value),
    )
    .optional(),
});
/** One question with its answers. */
export type Kept = z.output<typeof keptSchema>;

/** Which question: a base that moved is another one. */
export interface KeptKey {
  readonly session: string;
  readonly experiment: number;
  readonly base: string;
}

/** Where all of an experiment stands. */
export const folderOf = (proposals: string, { session, experiment }: Omit<KeptKey, 'base'>): string =>
  join(proposals, folderName(session), String(experiment));

/** Where it stands. */
export const keptAt = (proposals: string, key: KeptKey): string =>
  join(folderOf(proposals, key), `${key.base.slice(0, 12)}.json`);

/** Where stands what a reviewer was asked of a candidate. */
export const reviewAt = (proposals: string, key: Omit<KeptKey, 'base'> & { readonly candidate: string }): string =>
  join(folderOf(proposals, key), `review-${key.candidate.slice(0, 12)}.json`);

/** What stands there; undefined where nothing does, or what nobody can read. */
export function readKept(path: string): Kept | undefined {
  const found = readJson(path, keptSchema);
  return found.status === 'ok' ? found.value : undefined;
}

/** Writes it down, to survive a power cut. */
export function writeKept(path: string, kept: Kept): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeJson(path, kept);
}

/** All that was asked for an experiment. */
export function keptOf(proposals: string, key: Omit<KeptKey, 'base'>): Kept[] {
  const folder = folderOf(proposals, key);
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return names.flatMap((name) => readKept(join(folder, name)) ?? []);
  } catch {
    return []; // no model was asked, or on another machine
  }
}
