import { InvalidInput } from '../src/domain/invalid-input.ts';
import { checkTag, tagFrom } from '../src/domain/names.ts';
import { appendEvent } from '../src/git/event.ts';
import { withoutPassword } from '../src/git/git.ts';
import { openHomeClone, resolveRef } from '../src/git/home-clone.ts';
import { readLedger } from '../src/git/ledger.ts';
import { needModel } from '../src/models.ts';
import { readTask } from '../src/task-file.ts';
import { chooseRepo, contractOf, needAllowed, needAllowedCommand, type OpenDeps } from './opening.ts';
import type { Activities } from './contract.ts';
import { continueSession } from './continue.ts';
import { earlierNoise } from './earlier-noise.ts';

/**
 * Resolves repo and task, freezes the contract, and begins ledger and kept line in one transaction. Throws
 * `InvalidInput` for what the person got wrong and `Blocked` for a repo that this machine has not allowed.
 */
export function createOpen(deps: OpenDeps): Activities['open'] {
  return async ({ session, input, at }) => {
    if (input.continueFrom !== undefined) return continueSession(deps, { session, input, at });
    needModel(deps.models, input);
    const { repo, task: taskPath } = await chooseRepo(deps, input);
    await needAllowed(deps, repo);
    needAllowedCommand(deps, input);
    const tag = checkTag(input.tag ?? tagFrom(session));
    const clone = await openHomeClone({ repos: deps.state.repos, origin: repo.origin });
    const base = (await baseOfEarlierRun(clone, tag, session, at)) ?? (await resolveRef(clone, input.ref));
    const { task, contractHash, project } = await readTask(clone, base, taskPath);
    const experiments = input.experiments === undefined ? project?.experiments : undefined;
    const asked = experiments === undefined ? {} : { experiments };
    const event = {
      version: 1,
      kind: 'open',
      session,
      tag,
      at,
      // With what the project's settings ask for: a session that goes on from its ledger ends as this one would.
      input: { ...input, ...asked, ...(input.repo === undefined ? {} : { repo: withoutPassword(input.repo) }) },
      task,
      taskPath,
      base,
      contract: contractHash,
      ...(project !== undefined && { project: project.kind, ...(project.isOverlaid && { overlaid: true }) }),
    } as const;
    const begun = await appendEvent({ clone, tag, index: 0, event });
    if (begun.kind === 'taken') {
      throw new InvalidInput(
        `Expected a tag that is free, got ${JSON.stringify(tag)}, which ${begun.ref} has already; choose another \`tag\`.`,
      );
    }
    const contract = contractOf(
      deps,
      { session, tag, task, taskPath, base, contract: contractHash, input, project: project?.kind },
      repo.origin,
    );
    deps.pushLater(clone, contract);
    const seconds = input.trialSeconds ?? task.train.seconds;
    return { ...contract, ...asked, ...(await earlierNoise({ clone, tag, task, taskPath, seconds })) };
  };
}

/** The base that an earlier run of this activity froze, so that a branch that moved in between changes nothing. */
async function baseOfEarlierRun(clone: string, tag: string, session: string, at: string): Promise<string | undefined> {
  const ledger = await readLedger(clone, tag);
  const event = ledger?.events[0];
  return event?.kind === 'open' && event.session === session && event.at === at ? event.base : undefined;
}
