// What the search does for an idea of its own that ran out of memory: the same with half the batch.
import type { Edit } from '../domain/experiment.ts';
import { applyEdit } from './edit.ts';
import { constantsIn, wordsOf, writeValue } from './file-constants.ts';
import type { Files, Proposal } from './proposer.ts';
import { rebaseEdit } from './rebase.ts';

/** What crashed. */
export interface OutOfMemory {
  readonly experiment: number;
  readonly hypothesis: string;
  readonly edit: readonly Edit[];
}

const BATCH = /(^|_)batch(_|$)/;
const REMEDY = 'with half the batch';

/** The edit with the first even batch size halved; null where there is none, or the edit no longer applies. */
export function halveBatch(files: Files, crashed: OutOfMemory): Extract<Proposal, { kind: 'proposal' }> | null {
  const again = rebaseEdit(files, crashed);
  if (again.kind !== 'proposal') return null;
  for (const [file, source] of Object.entries(again.files)) {
    for (const { name, literal } of constantsIn(file, source)) {
      if (!BATCH.test(wordsOf(name)) || literal.kind !== 'number' || !literal.integer || literal.value % 2 !== 0)
        continue;
      if (literal.value < 2) continue;
      const halved: Edit = { op: 'set', file, name, value: writeValue(file, literal.value / 2, literal) };
      const others = again.edit.filter((one) => !(one.op === 'set' && one.file === file && one.name === name));
      const edit = [...others, halved];
      const applied = applyEdit(files, edit);
      if (!applied.ok) return null;
      const words = again.hypothesis.replace(`, ${REMEDY}`, '');
      return { kind: 'proposal', hypothesis: `${words}, ${REMEDY}`, edit, files: applied.files };
    }
  }
  return null;
}
