// Where a session will start, looked at before anything is started: repo, commit and task file, with the same checks
// that `open` makes later, so that a mistake costs a person nothing.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BUNDLED_TASK, bundledRepo } from '../bundled.ts';
import { packageRoot, stateDirectory } from '../config.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import type { SessionInput } from '../domain/session.ts';
import { TASK_FILE } from '../domain/task.ts';
import { MARKS } from '../formats/find-project.ts';
import { resolveRef } from '../git/home-clone.ts';
import { takenTags } from '../git/taken-tags.ts';
import { listFiles } from '../git/tree.ts';
import { isPathOrigin, resolveRepo, uncommittedChanges } from '../git/user-repo.ts';
import { projectsAt } from '../project-at.ts';
import { readTask, taskPathIn, type DerivedTask } from '../task-file.ts';

/** What is known of the place where a session starts. */
export interface Place {
  /** The input with repo and task made definite. */
  readonly input: SessionInput;
  readonly origin: string;
  /** The task's name; for a repo elsewhere, which nobody has fetched yet, the repo's. */
  readonly task: string;
  /** Null for a repo elsewhere. */
  readonly commit: string | null;
  /** Files whose changes no commit has. */
  readonly unseen: readonly string[];
  /** Tags that the repo has already, for sessions or branches of the same name. */
  readonly tags: readonly string[];
  readonly bundled: boolean;
  /** Of a session that goes on: what it goes by from now, with what it was asked before. */
  readonly whole?: SessionInput;
  /** Where the repo has no task file: the task that follows from another program's project. */
  readonly project?: DerivedTask;
}

/** Looks at the repo that the input names, else at the one around `cwd`; away from any repo it is the bundled task's. */
export async function choosePlace(input: SessionInput, cwd: string): Promise<Place> {
  const around = async () => folderWithTask(cwd) ?? (await folderWithProject(input, cwd)) ?? topOfOwn(cwd);
  const named = input.repo ?? (input.task === undefined ? await around() : cwd);
  if (named === undefined) return bundledPlace(input);
  const repo = await resolveRepo(isRemote(named) ? named : resolve(cwd, named));
  const definite = { ...input, repo: isRemote(named) ? named : resolve(cwd, named) };
  const task = input.task === undefined ? `${repo.folder}${TASK_FILE}` : taskPathIn(repo.origin, input.task);
  return { ...(await lookAt(definite, repo.origin, task)), bundled: false };
}

/** A folder and those above it, up to the top of its repo. */
function foldersUp(cwd: string): string[] {
  const isLast = existsSync(join(cwd, '.git')) || dirname(cwd) === cwd;
  return isLast ? [cwd] : [cwd, ...foldersUp(dirname(cwd))];
}

/** The nearest folder around `cwd`, up to the top of its repo, with a file that says so. */
const folderWithTask = (cwd: string): string | undefined =>
  foldersUp(cwd).find((folder) => [TASK_FILE, ...MARKS].some((name) => existsSync(join(folder, name))));

/** The nearest folder around `cwd` that looks like another program's project in the commit to start from. */
async function folderWithProject({ ref }: SessionInput, cwd: string): Promise<string | undefined> {
  const repo = await resolveRepo(cwd).catch((error: unknown) => {
    if (error instanceof InvalidInput) return undefined; // no repo around here
    throw error;
  });
  if (repo === undefined || !existsSync(join(repo.origin, '.git'))) return undefined;
  const commit = await resolveRef(repo.origin, ref);
  const entries = await listFiles(repo.origin, commit);
  for (let { folder } = repo; ; folder = folder.replace(/[^/]*\/$/, '')) {
    if ((await projectsAt(repo.origin, commit, folder, entries)).length > 0) return join(repo.origin, folder);
    if (folder === '') return undefined;
  }
}

/** The top of somebody's own repo: that it has no task has to be said. In this program's clone the bundled task is meant. */
function topOfOwn(cwd: string): string | undefined {
  const top = foldersUp(cwd).at(-1) ?? cwd;
  return existsSync(join(top, '.git')) && realpathSync(top) !== realpathSync(packageRoot()) ? top : undefined;
}

/** The bundled task's place. */
export async function bundledPlace(input: SessionInput): Promise<Place> {
  const origin = await bundledOrigin();
  const definite = { ...input, repo: origin, task: BUNDLED_TASK };
  return { ...(await lookAt(definite, origin, BUNDLED_TASK)), bundled: true };
}

/** The repo that holds the bundled task. */
export async function bundledOrigin(): Promise<string> {
  return (await resolveRepo(await bundledRepo(stateDirectory().repos))).origin;
}

/** Whether a repo was named by a URL or `user@host:path`. */
export const isRemote = (repo: string): boolean => /^\w+:\/\/|^[\w.@-]+:/.test(repo) && !existsSync(repo);

async function lookAt(input: SessionInput, origin: string, taskPath: string): Promise<Omit<Place, 'bundled'>> {
  const tags = await takenTags({ repos: stateDirectory().repos, origin });
  if (!isPathOrigin(origin)) {
    const task = origin
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .replace(/^.*[/:]/, '');
    return { input, origin, task, commit: null, unseen: [], tags };
  }
  const commit = await resolveRef(origin, input.ref);
  const { task, project } = await readTask(origin, commit, taskPath);
  const unseen = await uncommittedChanges(origin);
  return { input, origin, task: task.name, commit, unseen, tags, ...(project !== undefined && { project }) };
}
