// From the tree that an agent leaves to an edit, as other proposers' edits are: passages of the editable files, so that
// it can be applied again when its base has moved.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editOfDiff } from '../../domain/diff-edit.ts';
import type { Edit } from '../../domain/experiment.ts';
import { InvalidInput } from '../../domain/invalid-input.ts';
import { changesIn, diffIn, type AgentTree } from '../../git/agent-repo.ts';
import { applyEdit } from '../edit.ts';
import { HYPOTHESIS_FILE } from '../model/prompt.ts';
import { editBetween } from '../model/whole-file.ts';
import type { Files } from '../proposer.ts';

/** What agents and the tools that they run leave in a tree: none of it is a change of theirs. */
export const LEFT_BEHIND: readonly string[] = [
  '.autoresearch/',
  '.aider*',
  '.claude/',
  '.codex/',
  '.gemini/',
  '.opencode/',
  '__pycache__/',
  '*.pyc',
  '.pytest_cache/',
  '.ruff_cache/',
  '.mypy_cache/',
];

/** An edit, or why what the agent did is none. */
export type TreeEdit =
  | { readonly kind: 'edit'; readonly edit: Edit[] }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly reason: string };

/** More paths than this are only counted. */
const MOST_NAMED = 8;

/** Reads the tree; `files` are the base's editable files, `begun` those that the agent began with. */
export async function editOfTree(tree: AgentTree, files: Files, begun: Files): Promise<TreeEdit> {
  const changes = await changesIn(tree);
  const foreign = changes.filter(({ path }) => !Object.hasOwn(files, path));
  if (foreign.length > 0)
    return refused(`it changes files that are not editable: ${named(foreign.map(({ path }) => path))}`);
  const gone = changes.filter(({ how }) => how !== 'content');
  if (gone.length > 0) return refused(`an editable file has to stay a file: ${named(gone.map(({ path }) => path))}`);
  const edit: Edit[] = [];
  const left = { ...files };
  for (const { path } of changes) {
    const after = readText(join(tree.folder, path));
    if (typeof after !== 'string') return refused(`${path} ${after.problem}`);
    left[path] = after;
    edit.push(...(await editOfFile(tree, path, files[path] ?? '', after)));
  }
  if (Object.entries(begun).every(([path, text]) => left[path] === text)) return { kind: 'unchanged' };
  return edit.length === 0 ? refused('it takes back what it was to mend, and no more') : { kind: 'edit', edit };
}

const refused = (what: string): TreeEdit => ({ kind: 'refused', reason: `refused edit: ${what}` });

const named = (paths: readonly string[]): string =>
  paths.length <= MOST_NAMED
    ? paths.join(', ')
    : `${paths.slice(0, MOST_NAMED).join(', ')} and ${paths.length - MOST_NAMED} more`;

/** The least around each hunk that still says where it is; one passage of the whole file where no hunk can. */
async function editOfFile(tree: AgentTree, file: string, before: string, after: string): Promise<Edit[]> {
  for (const context of [0, 1, 3]) {
    const edit = asEdit(await diffIn(tree, file, context));
    const applied = edit && applyEdit({ [file]: before }, edit);
    if (edit !== undefined && applied?.ok === true && applied.files[file] === after) return edit;
  }
  return editBetween(file, before, after);
}

/** Undefined where a hunk adds lines and shows none beside them, or a name of the file is not as we write it. */
function asEdit(diff: string): Edit[] | undefined {
  try {
    return editOfDiff(diff);
  } catch (error) {
    if (error instanceof InvalidInput) return undefined;
    throw error;
  }
}

/** Twice what the gate lets through: a file beyond that need not be read to be refused. */
const MOST_BYTES = 512 * 1024;

function readText(path: string): string | { readonly problem: string } {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(file).size > MOST_BYTES) return { problem: 'is too large' };
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) return { problem: 'is no text' };
    throw error;
  } finally {
    closeSync(file);
  }
}

const MOST_WORDS = 300;
const SAID = /^[\s#>*_`-]*HYPOTHESIS[*_`]*\s*:[\s*_`]*(.*\S)\s*$/i;
const DIFFERS = /^[\s#>*_`-]*DIFFERS[*_`]*\s*:[\s*_`]*(.*\S)\s*$/i;

/** Why, by the agent's own word: its file, else the last line of what it said that names it, else what it changed. */
export function hypothesisOf(folder: string, said: string, edit: readonly Edit[]): string {
  const written = linesOf(join(folder, HYPOTHESIS_FILE)).find((line) => line.trim() !== '');
  const word = written ?? said.split('\n').findLast((line) => SAID.test(line));
  const text = word === undefined ? inWords(edit) : (SAID.exec(word)?.[1] ?? word.replace(/^#+\s*/, ''));
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_WORDS);
}

/** Why it should come out otherwise than what it is nearly the same as, where the agent says so. */
export function differsOf(folder: string, said: string): string {
  const lines = [...said.split('\n'), ...linesOf(join(folder, HYPOTHESIS_FILE))];
  return lines.flatMap((line) => DIFFERS.exec(line)?.[1] ?? []).at(-1) ?? '';
}

function linesOf(path: string): string[] {
  try {
    const text = readText(path);
    return typeof text === 'string' ? text.split('\n') : [];
  } catch {
    return []; // it wrote none
  }
}

function inWords([first]: readonly Edit[]): string {
  if (first === undefined) return '';
  if (first.op === 'set') return `${first.file}: ${first.name} = ${first.value}`;
  const [was, is] = [first.search.split('\n'), first.replace.split('\n')];
  const at = was.findIndex((line, index) => line !== is[index]);
  return `${first.file}: ${(was[at] ?? '').trim()} -> ${(is[at] ?? '').trim()}`;
}
