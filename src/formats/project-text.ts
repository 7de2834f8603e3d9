import { stringify } from 'yaml';
import type { Mapping } from '../domain/overlay.ts';
import { PROJECTS, type ProjectKind } from '../domain/project.ts';
import type { TaskDraft } from './project.ts';

/** A derived task as the text of a task file. */
export function projectText(kind: ProjectKind, draft: TaskDraft | Mapping): string {
  return `# Derived from a project of ${PROJECTS[kind]}. Paths and commands are relative to this file's folder.\n${draftText(draft)}`;
}

/** A task in YAML, with commands of several lines as such. */
export const draftText = (draft: TaskDraft | Mapping): string => stringify(draft, { lineWidth: 0 });
