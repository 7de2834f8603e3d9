// `forget`: what a session left, in git and on disk, goes for good. The home clone's refs go last: until then the session
// is still known, and a second `forget` ends what a first one began.
import type { Command } from '@commander-js/extra-typings';
import { stateDirectory } from '../config.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { endOf } from '../domain/ledger.ts';
import { keptBranch } from '../domain/names.ts';
import type { Feed } from '../feed.ts';
import type { FoundLedger } from '../ledgers.ts';
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

async function forget(cli: Cli, feed: Feed, named: string, options: Options): Promise<void> {
  const found = await feed.ledger(named);
  const { repos, trials } = stateDirectory();
  if (found === null || !found.directory.startsWith(repos))
    return notFound(
      `Expected a session that this machine holds, got ${JSON.stringify(named)}; \`npx autoresearch list\` shows them.`,
    );
  const { session, tag } = found.open;
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
  await feed.client?.forget(session);
  await forgetInClone(input);
  for (const note of notes) say(cli, note);
  if (options.json === true) return printJson(cli, { session, forgotten: true, notes });
  cli.out(`${session} is forgotten.\n`);
}

/** A session that runs would write its refs again. */
async function mustHaveEnded({ client }: Feed, { open: { session }, ledger }: FoundLedger): Promise<void> {
  if (client === null && endOf(ledger.events) !== undefined) return;
  if (client === null)
    throw new InvalidInput(
      `Expected ${session} to have ended, got a ledger without an end and no server to ask; run \`npx autoresearch up\` first.`,
    );
  const outcome = await client.outcome(session).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'UnknownSession') return null;
    throw error;
  });
  if (outcome?.open === true)
    throw new InvalidInput(
      `Expected ${session} to have ended, got one that is still open; run \`npx autoresearch stop --now ${session}\` first.`,
    );
}

async function ask(cli: Cli, { open: { session, tag }, ledger, repo }: FoundLedger, atOrigin: boolean): Promise<void> {
  const kept = ledger.experiments.filter(({ verdict }) => verdict === 'keep').length;
  const where = atOrigin ? `here and in ${repo}` : 'here';
  say(
    cli,
    `This removes ${many(ledger.experiments.length, 'experiment')} of ${session}, with ${many(kept, 'kept commit')} on ${keptBranch(tag)}, ${where}.`,
  );
  const answer = await cli.ask(`Type ${session} to go on: `);
  if (answer === null) throw new InvalidInput('Expected a terminal to ask at, got none; say --yes if you mean it.');
  if (answer.trim() !== session)
    throw new InvalidInput(`Expected ${session}, got ${JSON.stringify(answer)}; nothing was removed.`);
}
