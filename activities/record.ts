import type { Agents } from '../src/agents.ts';
import { keptBranch, keptRef } from '../src/domain/names.ts';
import { commitOfRef, homeClonePath } from '../src/git/home-clone.ts';
import { appendEvent } from '../src/git/event.ts';
import type { ClosingDeps } from './closing.ts';
import type { Activities } from './contract.ts';
import { blocked } from './failures.ts';
import { runHooks, type HookRequest } from './hooks.ts';

/** What `record` needs of its control worker, beyond the closing of experiments. */
export interface RecordDeps extends ClosingDeps {
  readonly agents: Agents;
  /** Pushes now and waits, because after a session's end nobody comes back to it. */
  readonly pushNow: ClosingDeps['pushLater'] extends (...args: infer Args) => void
    ? (...args: Args) => Promise<void>
    : never;
}

/** Writes what is no experiment into the ledger. */
export function createRecord(deps: RecordDeps): Activities['record'] {
  return async ({ contract, index, event }) => {
    const clone = homeClonePath({ repos: deps.repos, origin: contract.origin });
    const { hooks } = contract.task;
    if (event.kind === 'end' && hooks !== undefined) await lastHooks(deps.agents, clone, { contract, at: event.at });
    const appended = await appendEvent({ clone, tag: contract.tag, index, event });
    if (appended.kind === 'taken' && event.kind === 'moved')
      throw blocked(
        `Somebody moved ${keptBranch(contract.tag)} once more: set it to ${event.to}, which was measured, or to ${event.from}; then resume, and the session goes on from the first.`,
      );
    if (event.kind === 'end') await deps.pushNow(clone, contract);
    else deps.pushLater(clone, contract);
    return appended.kind === 'standing' ? appended.event : undefined;
  };
}

/** No proposal comes any more that would run the hooks of the last records. */
async function lastHooks(
  agents: Agents,
  clone: string,
  { contract, at }: Pick<HookRequest, 'contract' | 'at'>,
): Promise<void> {
  const commit = await commitOfRef(clone, keptRef(contract.tag));
  if (commit !== undefined) await runHooks({ agents, clone, contract, commit, at });
}
