import type { StateDirectory } from '../src/config.ts';
import { BUNDLED_TASK, bundledRepo } from '../src/bundled.ts';
import { InvalidInput } from '../src/domain/invalid-input.ts';
import { checkTag, tagFrom } from '../src/domain/names.ts';
import { TASK_FILE } from '../src/domain/task.ts';
import type { SessionInput } from '../src/domain/session.ts';
import { appendEvent } from '../src/git/event.ts';
import { withoutPassword } from '../src/git/git.ts';
import { openHomeClone, resolveRef } from '../src/git/home-clone.ts';
import { readLedger } from '../src/git/ledger.ts';
import { readFiles } from '../src/git/tree.ts';
import { resolveRepo, type Repo } from '../src/git/user-repo.ts';
import { sessionSeeds } from '../src/seeds.ts';
import { isAllowed } from '../src/services/allowed.ts';
import { readTask } from '../src/task-file.ts';
import type { Activities, Contract } from './contract.ts';
import { blocked } from './failures.ts';

/** What `open` needs of its control worker. */
export interface OpenDeps {
  readonly state: StateDirectory;
  readonly homeId: string;
  /** The folder that the worker was started in: its repo may be opened without asking. */
  readonly startFolder: string;
  readonly searchAttributes: readonly string[];
  readonly pushLater: (clone: string, contract: Contract) => void;
}

/**
 * Resolves repo and task, freezes the contract, and begins ledger and kept line in one transaction. Throws
 * `InvalidInput` for what the person got wrong and `Blocked` for a repo that this machine has not allowed.
 */
export function createOpen(deps: OpenDeps): Activities['open'] {
  return async ({ session, input, at }) => {
    const { repo, task: taskPath } = await chooseRepo(deps, input);
    if (!(await mayOpen(deps, repo))) {
      throw blocked(
        `This machine has not allowed sessions to run commands out of ${repo.origin}: say \`npx autoresearch allow ${repo.origin}\` there, then resume.`,
      );
    }
    const tag = checkTag(input.tag ?? tagFrom(session));
    const clone = await openHomeClone({ repos: deps.state.repos, origin: repo.origin });
    const base = (await baseOfEarlierRun(clone, tag, session, at)) ?? (await resolveRef(clone, input.ref));
    const { task, contractHash } = await readTask(clone, base, taskPath);
    const event = {
      version: 1,
      kind: 'open',
      session,
      tag,
      at,
      input: { ...input, ...(input.repo === undefined ? {} : { repo: withoutPassword(input.repo) }) },
      task,
      taskPath,
      base,
      contract: contractHash,
    } as const;
    const begun = await appendEvent({ clone, tag, index: 0, event });
    if (begun.kind === 'taken') {
      throw new InvalidInput(
        `Expected a tag that is free, got ${JSON.stringify(tag)}, which ${begun.ref} has already; choose another \`tag\`.`,
      );
    }
    const contract: Contract = {
      session,
      tag,
      task,
      taskPath,
      base,
      homeId: deps.homeId,
      origin: repo.origin,
      hash: contractHash,
      seeds: sessionSeeds(deps.state.keys, session, input.seed),
      push: input.push ?? 'all',
      keepOutputs: input.keepOutputs ?? 'best',
      searchAttributes: deps.searchAttributes,
    };
    deps.pushLater(clone, contract);
    return contract;
  };
}

/** The repo and the task file in it: what the input names, else the worker's own repo, else the bundled task. */
async function chooseRepo(deps: OpenDeps, input: SessionInput): Promise<{ repo: Repo; task: string }> {
  if (input.repo !== undefined) {
    const repo = await resolveRepo(input.repo);
    return { repo, task: input.task ?? `${repo.folder}${TASK_FILE}` };
  }
  const started = await resolveRepo(deps.startFolder).catch(() => null);
  if (started !== null) {
    const task = input.task ?? `${started.folder}${TASK_FILE}`;
    const found = await readFiles(started.origin, 'HEAD', [task]);
    if (found[task] !== undefined) return { repo: started, task };
  }
  return { repo: await resolveRepo(await bundledRepo(deps.state.repos)), task: input.task ?? BUNDLED_TASK };
}

async function mayOpen(deps: OpenDeps, { origin }: Repo): Promise<boolean> {
  const own = [deps.startFolder, await bundledRepo(deps.state.repos)];
  for (const path of own) {
    const repo = await resolveRepo(path).catch(() => null);
    if (repo?.origin === origin) return true;
  }
  return isAllowed(deps.state, origin);
}

/** The base that an earlier run of this activity froze, so that a branch that moved in between changes nothing. */
async function baseOfEarlierRun(clone: string, tag: string, session: string, at: string): Promise<string | undefined> {
  const ledger = await readLedger(clone, tag);
  const event = ledger?.events[0];
  return event?.kind === 'open' && event.session === session && event.at === at ? event.base : undefined;
}
