// Which program's project a folder is, where it has no task file.
import { InvalidInput } from '../domain/invalid-input.ts';
import { PROJECTS, type ProjectKind } from '../domain/project.ts';
import { autokernelProject } from './autokernel-project.ts';
import { karpathyProject } from './karpathy-project.ts';
import { PI_LOGS, PI_MARKS, PI_TEXTS, piProject } from './pi-project.ts';
import type { Project, ProjectFiles } from './project.ts';

/** The files whose texts decide; no other is read. */
export const TEXTS: readonly string[] = [
  'bench.py',
  'kernel.py',
  'prepare.py',
  'pyproject.toml',
  'train.py',
  ...PI_TEXTS,
];

/** Files that only one program has: where one stands, a person means its project, committed or not. */
export const MARKS = PI_MARKS;

const RECOGNISERS: Readonly<Record<ProjectKind, (files: ProjectFiles) => Project | undefined>> = {
  karpathy: karpathyProject,
  pi: piProject,
  autokernel: autokernelProject,
};

/** Where each kind's program writes down what was tried; mostly in no commit. */
export const LOGS: Readonly<Record<ProjectKind, readonly string[]>> = {
  karpathy: ['results.tsv'],
  pi: PI_LOGS,
  autokernel: ['results.tsv'],
};

/** Every kind of project that a folder looks like, whole or not. */
export function findProjects(files: ProjectFiles): readonly Project[] {
  return Object.values(RECOGNISERS).flatMap((recognise) => recognise(files) ?? []);
}

/**
 * The one project to derive a task from, that of `kind` where one is named; undefined where none is whole. Throws
 * `InvalidInput` where there are several.
 */
export function chooseProject(projects: readonly Project[], kind?: ProjectKind): Project | undefined {
  const whole = projects.filter((project) => project.missing.length === 0 && (kind ?? project.kind) === project.kind);
  if (whole.length < 2) return whole[0];
  const [first] = whole;
  throw new InvalidInput(
    `Expected one kind of project, got ${whole.length}: ${whole.map(inWords).join('; ')}. Write out the task of one, \`npx autoresearch init --kind ${first?.kind ?? ''}\`, and commit it.`,
  );
}

/** `karpathy/autoresearch (prepare.py, train.py)`: a project and what it is known by. */
export const inWords = ({ kind, found }: Pick<Project, 'kind' | 'found'>): string =>
  `${PROJECTS[kind]} (${found.join(', ')})`;

/**
 * What is said where no project is whole, a sentence each: what is missing, and what stands there without any commit.
 * `isThere` asks the work tree.
 */
export function halfSentences(projects: readonly Project[], isThere: (path: string) => boolean): readonly string[] {
  const marks = projects.length === 0 ? MARKS.filter(isThere) : [];
  return [
    ...projects.map((project) => {
      const missing = project.missing.map((path) => (isThere(path) ? `${path}, which is not committed` : path));
      return `It looks like a project of ${inWords(project)}, but without ${missing.join(', ')}.`;
    }),
    ...marks.map((path) => `There is ${path}, which is not committed; commit it and what belongs to it.`),
  ];
}
