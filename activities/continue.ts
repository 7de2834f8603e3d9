import { needModel } from '../src/models.ts';
import { refusalOf, unknownRuleIn } from '../src/domain/cautions.ts';
import { continueFrom, continuedInput } from '../src/domain/continued.ts';
import { InvalidInput } from '../src/domain/invalid-input.ts';
import type { Ledger, LedgerEvent } from '../src/domain/ledger.ts';
import { tagFrom } from '../src/domain/names.ts';
import { appendEvent } from '../src/git/event.ts';
import { openHomeClone } from '../src/git/home-clone.ts';
import { candidatesOf } from '../src/git/in-flight.ts';
import { readLedger } from '../src/git/ledger.ts';
import { catchUpLine, refreshSession } from '../src/git/refresh-session.ts';
import { resolveRepo, type Repo } from '../src/git/user-repo.ts';
import { ledgersHere } from '../src/ledgers.ts';
import type { Opened, OpenInput } from './contract.ts';
import { earlierNoise } from './earlier-noise.ts';
import { chooseRepo, contractOf, needAllowed, needAllowedCommand, type OpenDeps } from './opening.ts';

/**
 * Opens a session again that has a ledger, and says where that ends. The workflow's id is the session's own, so that no
 * server ever runs it twice. Throws as `open` does, and `InvalidInput` for a session that there is not.
 */
export async function continueSession(deps: OpenDeps, { session, input, at }: OpenInput): Promise<Opened> {
  if (input.continueFrom !== session)
    throw new InvalidInput(
      `Expected a session that goes on to have its own id, ${JSON.stringify(input.continueFrom)}, got ${JSON.stringify(session)}; start it under that id.`,
    );
  const { repo, tag } = await whereIs(deps, session, input);
  await needAllowed(deps, repo);
  const clone = await openHomeClone({ repos: deps.state.repos, origin: repo.origin });
  await refreshSession({ clone, origin: repo.origin, tag });
  const ledger = await readLedger(clone, tag);
  const open = ledger?.events[0];
  if (ledger === undefined || open?.kind !== 'open' || open.session !== session) {
    const expected = `Expected \`continueFrom\` to name a session with a ledger in ${repo.origin}, got`;
    throw new InvalidInput(`${expected} ${JSON.stringify(session)}; \`npx autoresearch list\` shows those here.`);
  }
  const strange = unknownRuleIn(ledger.experiments);
  if (strange !== undefined) throw new InvalidInput(refusalOf(strange, 'go on from them'));
  await catchUpLine(clone, tag, ledger);
  const before = { ...ledger, events: withoutMine(ledger, at) };
  const whole = continuedInput(before, input);
  needModel(deps.models, whole);
  needAllowedCommand(deps, whole);
  const event: LedgerEvent = { version: 1, kind: 'continued', at, input: { ...input, repo: open.input.repo } };
  const appended = await appendEvent({ clone, tag, index: before.events.length, event });
  if (appended.kind !== 'appended') throw new Error(`Expected the ledger of ${tag} to hold still; try again.`);
  const contract = contractOf(deps, { ...open, input: whole }, repo.origin);
  deps.pushLater(clone, contract);
  const givenOut = Math.max(0, ...(await candidatesOf(clone, tag)).keys());
  const grown = { ...ledger, events: [...before.events, event] };
  const { task, taskPath } = contract;
  const seconds = whole.trialSeconds ?? task.train.seconds;
  const noise = await earlierNoise({ clone, tag, task, taskPath, seconds });
  return { ...contract, ...noise, continued: continueFrom(grown, whole, givenOut) };
}

/** The events before this continuation, which an earlier run of this activity may have written. */
function withoutMine({ events }: Ledger, at: string): readonly LedgerEvent[] {
  const mine = events.findIndex((event) => event.kind === 'continued' && event.at === at);
  return mine === -1 ? events : events.slice(0, mine);
}

/** The repo that has the session: the one that the input names, else the one whose home clone has its ledger. */
async function whereIs(
  deps: OpenDeps,
  session: string,
  input: OpenInput['input'],
): Promise<{ repo: Repo; tag: string }> {
  const { found } = await ledgersHere(deps.state);
  const here = found.find(({ open }) => open.session === session);
  const tag = here?.open.tag ?? input.tag ?? tagFrom(session);
  if (input.repo !== undefined || here === undefined) return { repo: (await chooseRepo(deps, input)).repo, tag };
  return { repo: await resolveRepo(here.repo), tag };
}
