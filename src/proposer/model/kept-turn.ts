// Whose turn a proposal is, as a file beside what the model answered.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { KINDS } from '../../domain/model-work.ts';
import { readJson, writeJson } from '../../trainer/durable-file.ts';
import { keptAt, type KeptKey } from './kept-answers.ts';

const turnSchema = z.object({ side: z.enum(['search', 'model']), kind: z.enum(KINDS) });
/** Who proposes, and which kind of idea a model is asked for. */
export type KeptTurn = z.output<typeof turnSchema>;

/** The turn that was chosen before for this proposal, else the one that `choose` chooses, which then stays chosen. */
export async function keptTurn(proposals: string, key: KeptKey, choose: () => Promise<KeptTurn>): Promise<KeptTurn> {
  const path = keptAt(proposals, key).replace(/\.json$/, '.turn');
  const found = readJson(path, turnSchema);
  if (found.status === 'ok') return found.value;
  const turn = await choose();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeJson(path, turn);
  return turn;
}
