// `forget`: what a session left, in git and on disk, goes for good. The home clone's refs go last: until then the session
// is still known, and a second `forget` ends what a first one began.
import type { Command } from '@commander-js/extra-typings';
import { stateDirectory } from '../config.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { endOf, type Ledger } from '../domain/ledger.ts';
import { keptBranch } from '../domain/names.ts';
import type { Feed } from '../feed.ts';
import type { FoundSession } from '../git/find-sessions.ts';
import { notFound, printJson, say, withFeed, type Cli } from './cli.ts';
import { many } from './figures.ts';

/** Adds `forget` to the program. */
export function addForget(program: Command, cli: Cli): void {
  program
    .command('forget')
    .description('remove a session that has ended: its branch, its records, its files')
    .argument('<session>', 'id of the session')
    .option('--yes', 'do not ask')
    .option('--keep-origin', 'leave what was pushed to your repo where it is')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  npx autoresearch forget byte-lm-nov23')
    .action(async (session, options) => {
      await withFeed(cli, (feed) => forget(cli, feed, session, options));
    });
}

interface Options {
  readonly yes?: true;
  readonly keepOrigin?: true;
  readonly json?: true;
}

/** What is known of the session: its ledger too, where that can be read. */
interface Doomed extends FoundSession {
  readonly repo: string;
  readonly ledger: Ledger | null;
}

async function forget(cli: Cli, feed: Feed, named: string, options: Options): Promise<void> {
  const { repos, trials, keys, proposals } = stateDirectory();
  const found = await find(cli, repos, named);
  const { session, tag } = found;
  await mustHaveEnded(feed, found);
  if (options.yes !== true) await ask(cli, found, options.keepOrigin !== true);
  const { forgetAtOrigin, forgetInClone } = await import('../git/forget.ts');
  const { GitError } = await import('../git/git.ts');
  const input = { clone: found.directory, origin: found.repo, tag };
  const notes =
    options.keepOrigin === true
      ? []
      : await forgetAtOrigin(input).catch((error: unknown) => {
          if (!(error instanceof GitError)) throw error;
          throw new Error(`${error.message}\nNothing was removed. Mend that, or say --keep-origin.`);
        });
  const { removeTrials } = await import('../trainer/remove-trials.ts');
  await removeTrials(trials, session);
  await removeTrials(proposals, session); // what agents did, and models
  await feed.client?.forget(session);
  const { forgetKey } = await import('../seeds.ts');
  forgetKey(keys, session);
  await forgetInClone(input);
  for (const note of notes) say(cli, note);
  if (options.json === true) return printJson(cli, { session, forgotten: true, notes });
  cli.out(`${session} is forgotten.\n`);
}

/** Found by its refs, so that one whose ledger is damaged can be forgotten too. */
async function find(cli: Cli, repos: string, named: string): Promise<Doomed> {
  const { sessionsAtHome } = await import('../git/find-sessions.ts');
  const { sessions, notes } = await sessionsAtHome(repos);
  for (const note of notes) say(cli, note);
  const found =
    sessions.find(({ session }) => session === named) ??
    sessions.find(({ tag }) => tag === named) ??
    (await notFound(
      `Expected a session that this machine holds, got ${JSON.stringify(named)}; \`npx autoresearch list\` shows them.`,
    ));
  const { git } = await import('../git/git.ts');
  const { CorruptLedger, readLedger } = await import('../git/ledger.ts');
  const ledger = await readLedger(found.directory, found.tag).catch((error: unknown) => {
    if (error instanceof CorruptLedger) return null;
    throw error;
  });
  return {
    ...found,
    repo: await git(found.directory, ['config', 'autoresearch.origin']),
    ledger: ledger ?? null,
  };
}

/** A session that runs would write its refs again. */
async function mustHaveEnded({ client }: Feed, found: Doomed): Promise<void> {
  const { session, ledger } = found;
  if (client === null && endOf(ledger?.events ?? []) !== undefined) return;
  if (client === null)
    throw new InvalidInput(
      `Expected ${session} to have ended, got a ledger ${ledger === null ? 'that cannot be read' : 'without an end'} and no server to ask; run \`npx autoresearch up\` first.`,
    );
  const open = await openOnServer(client, found);
  if (open !== undefined)
    throw new InvalidInput(
      `Expected ${session} to have ended, got one that is still open; run \`npx autoresearch stop --now ${open}\` first.`,
    );
}

/** The id of the open session that these refs belong to, if there is one. */
async function openOnServer(
  client: NonNullable<Feed['client']>,
  { session, tag, startedAt }: FoundSession,
): Promise<string | undefined> {
  const outcome = await client.outcome(session).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'UnknownSession') return null;
    throw error;
  });
  if (outcome?.open === true) return session;
  if (startedAt !== '') return undefined;
  // Its opening does not tell its id: the branch does.
  const others = (await client.list()).filter((one) => one.open);
  const branches = await Promise.all(others.map((one) => client.status(one.session)));
  return branches.find(({ branch }) => branch === keptBranch(tag))?.session;
}

async function ask(cli: Cli, { session, tag, ledger, repo }: Doomed, atOrigin: boolean): Promise<void> {
  const kept = ledger?.experiments.filter(({ verdict }) => verdict === 'keep').length ?? 0;
  const where = atOrigin ? `here and in ${repo}` : 'here';
  const what =
    ledger === null
      ? `${session}, whose ledger cannot be read, and ${keptBranch(tag)}`
      : `${many(ledger.experiments.length, 'experiment')} of ${session}, with ${many(kept, 'kept commit')} on ${keptBranch(tag)}`;
  say(cli, `This removes ${what}, ${where}.`);
  const answer = await cli.ask(`Type ${session} to go on: `);
  if (answer === null) throw new InvalidInput('Expected a terminal to ask at, got none; say --yes if you mean it.');
  if (answer.trim() !== session)
    throw new InvalidInput(`Expected ${session}, got ${JSON.stringify(answer)}; nothing was removed.`);
}
