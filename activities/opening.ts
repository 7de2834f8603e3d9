// What opening a session and going on with one have in common.
import type { StateDirectory } from '../src/config.ts';
import { BUNDLED_TASK, bundledRepo } from '../src/bundled.ts';
import { TASK_FILE } from '../src/domain/task.ts';
import type { OpenEvent } from '../src/domain/ledger.ts';
import type { SessionInput } from '../src/domain/session.ts';
import { proposerFor, type Models } from '../src/models.ts';
import { resolveRepo, type Repo } from '../src/git/user-repo.ts';
import { sessionSeeds } from '../src/seeds.ts';
import { hasTask, taskPathIn } from '../src/task-file.ts';
import { isPreset } from '../src/proposer/agent/presets.ts';
import { isAllowed, isCommandAllowed } from '../src/services/allowed.ts';
import type { Contract } from './contract.ts';
import { blocked } from './failures.ts';

/** What `open` needs of its control worker. */
export interface OpenDeps {
  readonly models: Models;
  readonly state: StateDirectory;
  readonly homeId: string;
  /** The folder that the worker was started in: its repo may be opened without asking. */
  readonly startFolder: string;
  readonly searchAttributes: readonly string[];
  /** Absent: the workflow's own patience. */
  readonly hostLostSeconds?: number | undefined;
  readonly pushLater: (clone: string, contract: Contract) => void;
}

/** The contract of an opening. */
export function contractOf(
  deps: OpenDeps,
  open: Pick<OpenEvent, 'session' | 'tag' | 'task' | 'taskPath' | 'base' | 'contract' | 'input' | 'project'>,
  origin: string,
): Contract {
  const { session, tag, task, taskPath, base, input } = open;
  return {
    session,
    tag,
    task,
    taskPath,
    base,
    homeId: deps.homeId,
    origin,
    hash: open.contract,
    seeds: sessionSeeds(deps.state.keys, session, input.seed),
    push: input.push ?? 'all',
    keepOutputs: input.keepOutputs ?? 'best',
    ...(deps.hostLostSeconds === undefined ? {} : { hostLostSeconds: deps.hostLostSeconds }),
    searchAttributes: deps.searchAttributes,
    proposer: proposerFor(deps.models, input),
    ...(open.project !== undefined && { project: open.project }),
  };
}

/** The repo and the task file in it: what the input names, else the worker's own repo, else the bundled task. */
export async function chooseRepo(deps: OpenDeps, input: SessionInput): Promise<{ repo: Repo; task: string }> {
  if (input.repo !== undefined) {
    const repo = await resolveRepo(input.repo);
    return { repo, task: taskOf(repo, input) };
  }
  const started = await resolveRepo(deps.startFolder).catch(() => null);
  if (started !== null) {
    const task = taskOf(started, input);
    if (await hasTask(started.origin, 'HEAD', task)) return { repo: started, task };
  }
  return { repo: await resolveRepo(await bundledRepo(deps.state.repos)), task: input.task ?? BUNDLED_TASK };
}

const taskOf = ({ origin, folder }: Repo, { task }: SessionInput): string =>
  task === undefined ? `${folder}${TASK_FILE}` : taskPathIn(origin, task);

/** Throws `Blocked` for a repo that this machine has not allowed. */
export async function needAllowed(deps: OpenDeps, repo: Repo): Promise<void> {
  if (await mayOpen(deps, repo)) return;
  throw blocked(
    `This machine has not allowed sessions to run commands out of ${repo.origin}: say \`npx autoresearch allow ${repo.origin}\` there, then resume.`,
  );
}

/** Throws `Blocked` for a command line that this machine has not allowed; known agents, by their names, are. */
export function needAllowedCommand({ state }: OpenDeps, { proposer, command = '' }: SessionInput): void {
  if (proposer !== 'command' || isPreset(command) || isCommandAllowed(state, command)) return;
  const quoted = `'${command.replaceAll("'", String.raw`'\''`)}'`;
  throw blocked(
    `This machine has not allowed sessions to propose by this command: say \`npx autoresearch allow --command ${quoted}\` there, then resume.`,
  );
}

async function mayOpen(deps: OpenDeps, { origin }: Repo): Promise<boolean> {
  const own = [deps.startFolder, await bundledRepo(deps.state.repos)];
  for (const path of own) {
    const repo = await resolveRepo(path).catch(() => null);
    if (repo?.origin === origin) return true;
  }
  return isAllowed(deps.state, origin);
}
