// A candidate is one commit on its base: the hypothesis is its subject, who proposed it and the edit are trailers, so
// that git alone can tell what was tried and how to apply it to another base.
import { z } from 'zod';
import { editSchema, type Edit } from '../domain/experiment.ts';
import { readObjects, textOf } from './objects.ts';
import { isRegular, listFiles, treeOf } from './tree.ts';
import { checkPath, writeCommit, type FileMode } from './write-commit.ts';

/** What to write. `files` are whole texts by path; what is not named stays as the base has it. */
export interface CandidateInput {
  readonly clone: string;
  readonly base: string;
  readonly files: Readonly<Record<string, string>>;
  readonly hypothesis: string;
  readonly proposer: string;
  readonly edit: readonly Edit[];
  /** Equal for candidates that are the same arm. */
  readonly arm?: string | undefined;
  /** The experiment in quarantine whose edit it is. */
  readonly accepted?: number | undefined;
  /** The crashed experiment that it repairs. */
  readonly repairs?: number | undefined;
  /** The experiment whose edit it is, tried once more on a newer base. */
  readonly parent?: number | undefined;
  /** ISO time of the commit, from the workflow: the same input gives the same SHA. */
  readonly at: string;
  /** Descriptor of the writer lock. */
  readonly lock?: number;
}

/** A new commit, or `unchanged` when the files are what the base already has. */
export type WrittenCandidate =
  | { readonly kind: 'candidate'; readonly commit: string; readonly tree: string }
  | { readonly kind: 'unchanged'; readonly tree: string };

/** A candidate as its commit tells it. */
export interface Candidate {
  readonly commit: string;
  readonly base: string;
  readonly tree: string;
  readonly hypothesis: string;
  readonly proposer: string;
  readonly edit: readonly Edit[];
  readonly arm?: string;
  readonly accepted?: number;
  readonly repairs?: number;
  readonly parent?: number;
}

const RESULT = 'Result: ';
const PROPOSER = 'Autoresearch-Proposer: ';
const EDIT = 'Autoresearch-Edit: ';
const ARM = 'Autoresearch-Arm: ';
const ACCEPTED = 'Autoresearch-Accepted: ';
const REPAIRS = 'Autoresearch-Repairs: ';
const PARENT = 'Autoresearch-Parent: ';

/** Writes a candidate's commit; no ref points at it until its experiment is closed. */
export async function writeCandidate(input: CandidateInput): Promise<WrittenCandidate> {
  const { clone, base, files, at, lock } = input;
  const paths = Object.keys(files).map(checkPath);
  const [entries, baseTree] = await Promise.all([
    paths.length === 0 ? [] : listFiles(clone, base, paths),
    treeOf(clone, base),
  ]);
  const modes = new Map(entries.map((entry) => [entry.path, entry]));
  const changed = Object.entries(files).map(([path, text]) => {
    const entry = modes.get(path);
    if (entry && !isRegular(entry)) {
      throw new Error(`Expected ${path} to be a regular file at ${base}, got mode ${entry.mode}.`);
    }
    const mode: FileMode = entry?.mode === '100755' ? '100755' : '100644';
    return { path, mode, text };
  });
  if (changed.length === 0) return { kind: 'unchanged', tree: baseTree };
  const commit = { clone, parent: base, files: changed, message: candidateMessage(input), at };
  const written = await writeCommit(lock === undefined ? commit : { ...commit, lock });
  return written.tree === baseTree ? { kind: 'unchanged', tree: baseTree } : { kind: 'candidate', ...written };
}

/** Writes a candidate once more, with what came of it in its message: the same files on the same base. */
export async function writeResult(input: {
  readonly clone: string;
  readonly candidate: Candidate;
  readonly result: string;
  readonly at: string;
  readonly lock: number;
}): Promise<string> {
  const { clone, candidate, result, at, lock } = input;
  const { base: parent, tree } = candidate;
  const message = candidateMessage({ ...candidate, result });
  return (await writeCommit({ clone, parent, tree, files: [], message, at, lock })).commit;
}

/** What a candidate's commit message tells. */
type Told = Pick<CandidateInput, 'hypothesis' | 'proposer' | 'edit' | 'arm' | 'accepted' | 'repairs' | 'parent'> & {
  /** What came of it, as another program has that. */
  readonly result?: string;
};

/** The commit message of a candidate. */
export function candidateMessage({ hypothesis, proposer, edit, arm, accepted, repairs, parent, result }: Told): string {
  const trailers = [
    ...(result === undefined ? [] : [RESULT + oneLine(result)]),
    PROPOSER + oneLine(proposer),
    EDIT + JSON.stringify(edit),
    ...(arm === undefined ? [] : [ARM + arm]),
    ...(accepted === undefined ? [] : [`${ACCEPTED}${accepted}`]),
    ...(repairs === undefined ? [] : [`${REPAIRS}${repairs}`]),
    ...(parent === undefined ? [] : [`${PARENT}${parent}`]),
  ];
  return `${oneLine(hypothesis)}\n\n${trailers.join('\n')}\n`;
}

const oneLine = (text: string): string => text.replaceAll(/[\s\0]+/g, ' ').trim() || '(no hypothesis)';

/** Reads a candidate back from its commit; throws when the commit is not one that `writeCandidate` made. */
export async function readCandidate(clone: string, commit: string): Promise<Candidate> {
  const [object] = await readObjects(clone, [`${commit}^{commit}`]);
  if (!object) throw new Error(`Expected ${commit} to be a commit, got nothing of that name.`);
  const text = textOf(object, `commit ${commit}`);
  const [, header = '', message = ''] = /^([^]*?)\n\n([^]*)$/.exec(text) ?? [];
  const lines = message.split('\n');
  const tree = after(header.split('\n'), 'tree ');
  const base = after(header.split('\n'), 'parent ');
  const proposer = after(lines.slice(1), PROPOSER);
  const edit = after(lines.slice(1), EDIT);
  if (tree === undefined || base === undefined || proposer === undefined || edit === undefined) {
    throw new Error(`Expected ${commit} to be a candidate's commit with ${EDIT.trim()} in its message, got another.`);
  }
  const arm = after(lines.slice(1), ARM);
  const said = { hypothesis: lines[0] ?? '', proposer, edit: z.array(editSchema).parse(JSON.parse(edit)) };
  const accepted = Number(after(lines.slice(1), ACCEPTED) ?? Number.NaN);
  const repairs = Number(after(lines.slice(1), REPAIRS) ?? Number.NaN);
  const parent = Number(after(lines.slice(1), PARENT) ?? Number.NaN);
  return {
    commit: object.id,
    base,
    tree,
    ...said,
    ...(arm !== undefined && { arm }),
    ...(Number.isInteger(accepted) && { accepted }),
    ...(Number.isInteger(repairs) && { repairs }),
    ...(Number.isInteger(parent) && { parent }),
  };
}

/** What follows `start` on the first line that begins with it. */
const after = (lines: readonly string[], start: string): string | undefined =>
  lines.find((line) => line.startsWith(start))?.slice(start.length);
