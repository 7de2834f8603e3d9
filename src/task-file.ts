// Reads the task file of a commit and checks it against that commit's files: what it names must be there.
import { createHash } from 'node:crypto';
import { parseDocument } from 'yaml';
import { InvalidInput, parse } from './domain/invalid-input.ts';
import { editablePaths, inRepo, taskSchema, type Task } from './domain/task.ts';
import { isRegular, listFiles, readFiles, type TreeEntry } from './git/tree.ts';

/** A commit's task, and the hash over everything in that commit that no candidate may change. */
export interface FrozenTask {
  readonly task: Task;
  readonly contractHash: string;
}

/** Parses a task file's text; `path` names it in errors. Throws `InvalidInput` with every mistake. */
export function parseTask(text: string, path: string): Task {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined)
    throw new InvalidInput(`Expected ${path} to be YAML, got: ${error.message.split('\n')[0] ?? ''}`);
  return parse(taskSchema, document.toJS() ?? {}, path);
}

/** Reads and freezes the task at `commit`. Throws `InvalidInput` where there is none or where it names what is not there. */
export async function readTask(clone: string, commit: string, path: string): Promise<FrozenTask> {
  const text = (await readFiles(clone, commit, [path]))[path];
  if (text === undefined) {
    const missing = `Expected a task file ${path} in the repo at ${commit.slice(0, 7)}, got none;`;
    throw new InvalidInput(
      `${missing} write one with \`npx autoresearch init\` and commit it, or name another with \`task\`.`,
    );
  }
  const task = parseTask(text, path);
  const entries = await listFiles(clone, commit);
  const regular = new Set(entries.filter(isRegular).map((entry) => entry.path));
  const editable = editablePaths({ task, taskPath: path });
  const named = [
    ...editable.map((file, index) => ({ field: `editable.${index}`, file })),
    ...(task.prepare?.inputs ?? []).map((file, index) => ({
      field: `prepare.inputs.${index}`,
      file: inRepo(path, file),
    })),
  ];
  const problems = named
    .filter(({ file }) => !regular.has(file))
    .map(
      ({ field, file }) => `Expected \`${field}\` in ${path} to be a committed file, got ${file}, which is not there.`,
    );
  if (problems.length > 0) throw new InvalidInput(problems);
  return { task, contractHash: hashProtected(entries, editable) };
}

/** The hash over all entries of a commit that are not editable: paths, modes and contents. */
export function hashProtected(entries: readonly TreeEntry[], editable: readonly string[]): string {
  const protectedEntries = entries.filter((entry) => !editable.includes(entry.path));
  const lines = protectedEntries.map((entry) => `${entry.mode} ${entry.object} ${entry.path}\0`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
