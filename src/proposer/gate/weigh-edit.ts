// Everything that can be said of an edit before a device is touched: whether it is refused, and which arm it is. It reads;
// nothing of a candidate is run.
import type { Files } from '../proposer.ts';
import { armOf, dataIn, pythonIn } from './arm.ts';
import { readData } from './data-form.ts';
import { brokenLimit, type EditedFiles } from './limits.ts';
import type { CodeReadings, ReadCode } from './read-code.ts';
import { violation } from './violations.ts';

/** An edit, its base, and the versions that it may be a copy of. */
export interface EditToWeigh extends EditedFiles {
  /** The editable files of commits whose arms are wanted too, in this order. */
  readonly others: readonly Files[];
  /** Names of the harness's modules. */
  readonly harness: readonly string[];
}

/** The arms of the candidate, of its base and of the others; or why the edit is refused, in words for its proposer. */
export type Weighed =
  | {
      readonly kind: 'passed';
      readonly arm: string | undefined;
      readonly baseArm: string | undefined;
      readonly otherArms: readonly (string | undefined)[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** Weighs an edit; never throws for what it holds. */
export async function weighEdit(edit: EditToWeigh, readCode: ReadCode): Promise<Weighed> {
  const limit = brokenLimit(edit);
  if (limit !== undefined) return refused(limit);
  const versions = [edit.before, edit.after, ...edit.others];
  const hasPython = versions.some((files) => Object.keys(pythonIn(files)).length > 0);
  const read = hasPython ? await readCode({ versions: versions.map(pythonIn), harness: edit.harness }) : null;
  const problem = brokenSyntax(edit, read) ?? violation(read?.versions[0] ?? {}, read?.versions[1] ?? {});
  if (problem !== undefined) return refused(problem);
  const [baseArm, arm, ...otherArms] = versions.map((files, index) => armOf(files, read?.versions[index]));
  return { kind: 'passed', arm, baseArm, otherArms };
}

const refused = (what: string): Weighed => ({ kind: 'refused', reason: `refused edit: ${what}` });

/** A file that parsed before, or was not there, and does not parse now. */
function brokenSyntax({ before, after }: EditToWeigh, read: CodeReadings | null): string | undefined {
  const [base = {}, candidate = {}] = read?.versions ?? [];
  for (const [path, reading] of Object.entries(candidate)) {
    const was = base[path];
    if ('problem' in reading && !(was !== undefined && 'problem' in was))
      return `${path} does not parse as Python ${read?.python} (${shortened(reading.problem)})`;
  }
  for (const [path, text] of Object.entries(dataIn(after))) {
    const [was, now] = [before[path], readData(path, text)];
    if ('problem' in now && !(was !== undefined && 'problem' in readData(path, was)))
      return `${path} does not parse (${now.problem})`;
  }
  return undefined;
}

/** A parser may quote the source at length. */
const MOST_CHARACTERS = 120;
const shortened = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, MOST_CHARACTERS);
