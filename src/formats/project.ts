// What a project of another program is, for those that tell one from its files: pure, so that the same commit gives the
// same task wherever a session is opened or goes on.
import type { z } from 'zod';
import type { ProjectKind } from '../domain/project.ts';
import type { taskSchema } from '../domain/task.ts';

/** A task as a person would write it in a task file. */
export type TaskDraft = z.input<typeof taskSchema>;

/** The files of one folder of a commit: modes by path below the folder, as git has them, and the texts of some. */
export interface ProjectFiles {
  readonly modes: ReadonlyMap<string, string>;
  readonly texts: Readonly<Record<string, string>>;
}

/** A project that was recognised, as a whole or by some of its files. */
export interface Project {
  readonly kind: ProjectKind;
  /** The files that it was known by. */
  readonly found: readonly string[];
  /** The files that such a project has and this one has not; with any of them missing there is no task. */
  readonly missing: readonly string[];
  /** The task that its files describe. Throws `InvalidInput` with every mistake in them. */
  readonly derive: () => Derived;
}

/** What a project's files say. */
export interface Derived {
  readonly draft: TaskDraft;
  /** Its `prepare` calls uv. */
  readonly needsUv: boolean;
  /** How many experiments its settings ask for. */
  readonly experiments?: number;
}

/** Which of these paths a project has, and which it lacks. */
export function sortPaths({ modes }: ProjectFiles, paths: readonly string[]): Pick<Project, 'found' | 'missing'> {
  return { found: paths.filter((path) => modes.has(path)), missing: paths.filter((path) => !modes.has(path)) };
}
