// Reads the task file of a commit and checks it against that commit's files: what it names must be there.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join, normalize } from 'node:path/posix';
import { parseDocument } from 'yaml';
import { InvalidInput, parse } from './domain/invalid-input.ts';
import type { ProjectKind } from './domain/project.ts';
import { isPartial, overlay, type Mapping } from './domain/overlay.ts';
import { sentence } from './domain/sentence.ts';
import { TASK_FILE, editablePaths, inRepo, taskFolder, taskSchema, type Task } from './domain/task.ts';
import { chooseProject, halfSentences } from './formats/find-project.ts';
import { findEditable } from './editable-files.ts';
import { projectText } from './formats/project-text.ts';
import { isText, readObjects } from './git/objects.ts';
import { isLink, isRegular, listFiles, readFiles, type TreeEntry } from './git/tree.ts';
import { projectsAt } from './project-at.ts';

/** A commit's task, and the hash over everything in that commit that no candidate may change. */
export interface FrozenTask {
  readonly task: Task;
  readonly contractHash: string;
  /** Where the commit has no task file, or one that is no task by itself: whose project the task was derived from. */
  readonly project?: DerivedTask;
}

/** A task that stands in no file, or in none alone. */
export interface DerivedTask {
  readonly kind: ProjectKind;
  /** The files that the project was known by. */
  readonly found: readonly string[];
  /** The task file that would say the same. */
  readonly text: string;
  /** The commit's task file says what is otherwise in it. */
  readonly isOverlaid: boolean;
  readonly needsUv: boolean;
  /** How many experiments its settings ask for. */
  readonly experiments?: number;
}

/** Parses a task file's text; `path` names it in errors. Throws `InvalidInput` with every mistake. */
export function parseTask(text: string, path: string): Task {
  return parse(taskSchema, yamlOf(text, path) ?? {}, path);
}

/** What a YAML text says. Throws `InvalidInput`, also for what is found wrong only when names are put in their places. */
function yamlOf(text: string, path: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS')
    throw new InvalidInput(
      `Expected ${path} to be one YAML document, got several; remove the line \`---\` between them.`,
    );
  if (error !== undefined)
    throw new InvalidInput(
      `Expected ${path} to be YAML, got: ${error.message.split('\n')[0]?.replace(/:$/, '') ?? ''}`,
    );
  try {
    return document.toJS();
  } catch (trouble) {
    // `[*.py]` is an alias in YAML, and one that nothing explains; a few lines of them can also grow without end.
    const why = trouble instanceof Error ? sentence(trouble.message) : '';
    throw new InvalidInput(`Expected ${path} to be YAML, got: ${why} Quote a value that begins with * or &.`);
  }
}

/** A task file's path in its repo, however a person wrote it: `./`, and absolute paths inside the repo, are understood. */
export function taskPathIn(origin: string, named: string): string {
  const inside = named.startsWith(`${origin}/`) ? named.slice(origin.length + 1) : named;
  return normalize(inside);
}

/**
 * Reads and freezes the task at `commit`; where there is no task file, the one that follows from another program's
 * project, and where the task file is no task by itself, that with what the file says over it. Throws `InvalidInput`
 * where there is neither, or where it names what is not there.
 */
export async function readTask(clone: string, commit: string, path: string): Promise<FrozenTask> {
  const entries = await listFiles(clone, commit);
  const written = (await readFiles(clone, commit, [path]))[path];
  const own = written === undefined ? undefined : (yamlOf(written, path) ?? {});
  const isWhole = own !== undefined && !isPartial(own);
  const project = isWhole ? undefined : await deriveTask({ clone, commit, path, entries }, own);
  const said = project === undefined ? parse(taskSchema, own, path) : parseTask(project.text, path);
  const meant = findEditable(said.editable, path, entries);
  const task = { ...said, editable: [...meant.files] };
  const editable = editablePaths({ task, taskPath: path });
  const named = [
    ...said.editable.flatMap((file, index) =>
      meant.files.includes(file) ? [{ field: `editable.${index}`, file: inRepo(path, file) }] : [],
    ),
    ...(task.prepare?.inputs ?? []).map((file, index) => ({
      field: `prepare.inputs.${index}`,
      file: inRepo(path, file),
    })),
  ];
  const troubles = named.flatMap(({ field, file }) => {
    const trouble = troubleWith(file, entries, clone);
    return trouble === null
      ? []
      : [`Expected \`${field}\` in ${path} to be a committed file, got ${file}, which ${trouble}.`];
  });
  const binary = await notText(
    clone,
    entries.filter((entry) => isRegular(entry) && editable.includes(entry.path)),
  );
  const unreadable = binary.map((file) => `Expected \`editable\` in ${path} to be texts, got ${file}, which is none.`);
  const problems = [...meant.problems, ...troubles, ...unreadable];
  if (problems.length > 0) throw new InvalidInput(problems);
  return { task, contractHash: hashProtected(entries, editable), ...(project !== undefined && { project }) };
}

/** Whether a commit has a task file there, or what looks like another program's project: a task, or a word on why not. */
export async function hasTask(clone: string, commit: string, path: string): Promise<boolean> {
  const entries = await listFiles(clone, commit);
  if (entries.some((entry) => entry.path === path)) return true;
  return basename(path) === TASK_FILE && (await projectsAt(clone, commit, taskFolder(path), entries)).length > 0;
}

interface TaskPlace {
  readonly clone: string;
  readonly commit: string;
  /** Where the task file would stand. */
  readonly path: string;
  readonly entries: readonly TreeEntry[];
}

/**
 * The task of the project around a task file that is not there, or is `over` it. Undefined where there is no project to
 * stand over: what the file lacks is its own mistake then.
 */
async function deriveTask(
  { clone, commit, path, entries }: TaskPlace,
  over: Mapping | undefined,
): Promise<DerivedTask | undefined> {
  const missing = `Expected a task file ${path} in the repo at ${commit.slice(0, 7)}, got`;
  // What a person has written is meant, whatever could be derived.
  if (over === undefined && isUncommitted(clone, path))
    throw new InvalidInput(`${missing} one that is not committed; commit it first: git add ${path} && git commit.`);
  const isNamed = over === undefined && basename(path) !== TASK_FILE;
  const projects = isNamed ? [] : await projectsAt(clone, commit, taskFolder(path), entries);
  const project = chooseProject(projects);
  if (project === undefined && over !== undefined) return undefined;
  if (project === undefined) {
    const halves = halfSentences(projects, (file) => isUncommitted(clone, inRepo(path, file)));
    const advice = 'write one with `npx autoresearch init` and commit it, or name another with `task`.';
    throw new InvalidInput([`${missing} none; ${advice}`, ...halves]);
  }
  const { draft, ...settings } = project.derive();
  const { kind, found } = project;
  const text = projectText(kind, over === undefined ? draft : overlay(draft, over));
  // Who says how to prepare may do without uv.
  const needsUv = settings.needsUv && over?.['prepare'] === undefined;
  return { kind, found, text, isOverlaid: over !== undefined, ...settings, needsUv };
}

/** The hash over all entries of a commit that are not editable: paths, modes and contents. */
export function hashProtected(entries: readonly TreeEntry[], editable: readonly string[]): string {
  const protectedEntries = entries.filter((entry) => !editable.includes(entry.path));
  const lines = protectedEntries.map((entry) => `${entry.mode} ${entry.object} ${entry.path}\0`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** Why a path is no regular file of a commit; null where it is one. */
function troubleWith(file: string, entries: readonly TreeEntry[], clone: string): string | null {
  const entry = entries.find(({ path }) => path === file);
  if (entry !== undefined) {
    if (isRegular(entry)) return null;
    return isLink(entry)
      ? 'is a symbolic link; name the file that it leads to'
      : 'is a submodule; name files of this repo';
  }
  if (entries.some(({ path }) => path.startsWith(`${file}/`)))
    return `is a folder; name the files in it, or \`${file}/**\``;
  return isUncommitted(clone, file) ? 'is not committed; commit it first' : 'is not there';
}

/** The files that are no UTF-8 text. */
async function notText(clone: string, files: readonly TreeEntry[]): Promise<string[]> {
  const objects = await readObjects(
    clone,
    files.map(({ object }) => object),
  );
  return files.flatMap(({ path }, k) => (objects[k] === undefined || isText(objects[k]) ? [] : [path]));
}

/** Whether a work tree has what its commit lacks; a bare clone has no work tree. */
const isUncommitted = (clone: string, file: string): boolean =>
  existsSync(join(clone, '.git')) && existsSync(join(clone, file));
