// Where a session will start, looked at before anything is started: repo, commit and task file, with the same checks
// that `open` makes later, so that a mistake costs a person nothing.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BUNDLED_TASK, bundledRepo } from '../bundled.ts';
import { stateDirectory } from '../config.ts';
import type { SessionInput } from '../domain/session.ts';
import { TASK_FILE } from '../domain/task.ts';
import { resolveRef } from '../git/home-clone.ts';
import { takenTags } from '../git/taken-tags.ts';
import { isPathOrigin, resolveRepo, uncommittedChanges } from '../git/user-repo.ts';
import { readTask, taskPathIn } from '../task-file.ts';

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
}

/** Looks at the repo that the input names; else the one around `cwd` if it has a task file; else the bundled task's. */
export async function choosePlace(input: SessionInput, cwd: string): Promise<Place> {
  const named = input.repo ?? (input.task === undefined ? folderWithTask(cwd) : cwd);
  if (named === undefined) return bundledPlace(input);
  const repo = await resolveRepo(isRemote(named) ? named : resolve(cwd, named));
  const definite = { ...input, repo: isRemote(named) ? named : resolve(cwd, named) };
  const task = input.task === undefined ? `${repo.folder}${TASK_FILE}` : taskPathIn(repo.origin, input.task);
  return { ...(await lookAt(definite, repo.origin, task)), bundled: false };
}

/** The nearest folder around `cwd`, up to the top of its repo, that has a task file. */
function folderWithTask(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, TASK_FILE))) return folder;
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return undefined;
  }
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
  const { task } = await readTask(origin, commit, taskPath);
  return { input, origin, task: task.name, commit, unseen: await uncommittedChanges(origin), tags };
}
