// `hint`: what a person tells the proposer. It stands in every prompt until it is withdrawn, by a number that stays its own.
import { Option, type Command } from '@commander-js/extra-typings';
import { InvalidInput } from '../domain/invalid-input.ts';
import { SESSION, needServer, printJson, printLines, say, withFeed, type Cli } from './cli.ts';
import { plain } from './figures.ts';
import { wholeNumber } from './session-input.ts';
import { steer } from './steer.ts';

/** Adds `hint` to the program. */
export function addHint(program: Command, cli: Cli): void {
  program
    .command('hint')
    .description('tell the proposer something; search and random do not read it, a model does')
    .argument('[text]', 'one quoted text; beside an option, the session')
    .argument('[session]', SESSION)
    .addOption(new Option('--list', 'the hints that stand, each with its number').conflicts('withdraw'))
    .option('--withdraw <n>', 'the hint of this number goes into no prompt any more')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      "\nExample:\n  npx autoresearch hint 'the model is too wide for six seconds'\n  npx autoresearch hint --withdraw 1",
    )
    .action((first, second, { list, withdraw, json }) => {
      if (list !== true && withdraw === undefined) return steer(cli, second, 'hint', { text: textOf(first) }, json);
      if (second !== undefined)
        throw new InvalidInput(`Expected no text beside \`--list\` or \`--withdraw\`, got ${JSON.stringify(first)}.`);
      if (withdraw === undefined) return listHints(cli, first, json);
      return steer(cli, first, 'hint', { withdraw: wholeNumber('--withdraw', withdraw, 1) }, json);
    });
}

const HINT_LENGTH = 2000;

function textOf(given: string | undefined): string {
  if (given === undefined)
    throw new InvalidInput('Expected `hint` to have a text, got nothing; or say --list or --withdraw <n>.');
  const text = given.trim();
  if (text.length > 0 && text.length <= HINT_LENGTH) return text;
  throw new InvalidInput(`Expected \`[text]\` to be 1 to ${HINT_LENGTH} characters long, got ${text.length}.`);
}

async function listHints(cli: Cli, named: string | undefined, json: true | undefined): Promise<void> {
  await withFeed(cli, async (feed) => {
    const client = await needServer(feed);
    const session = await feed.resolve(named);
    const { hints } = await client.status(session);
    const standing = hints.flatMap((text, k) => (text === null ? [] : [{ hint: k + 1, text }]));
    if (json === true) return printJson(cli, { session, hints: standing });
    if (standing.length === 0) return say(cli, `No hint stands in ${session}.`);
    printLines(
      cli,
      standing.map(({ hint, text }) => `${hint}  ${plain(text)}`),
    );
  });
}
