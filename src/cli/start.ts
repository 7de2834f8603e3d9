// `start` and `demo`: from a wish to a session that runs, and the view of it. What they need of git and services is
// imported when they run, so that every other command begins sooner.
import type { Command } from '@commander-js/extra-typings';
import { InvalidInput } from '../domain/invalid-input.ts';
import { checkTag } from '../domain/names.ts';
import type { SessionInput } from '../domain/session.ts';
import { printJson, type Cli } from './cli.ts';
import { follow } from './follow.ts';
import { checkSessionId } from './session-id.ts';
import { inputOptions, sessionInput } from './session-input.ts';

/** Adds `start` and `demo` to the program. */
export function addStart(program: Command, cli: Cli): void {
  const start = program
    .command('start')
    .description('start a session on a repo (the one around here; away from any, the bundled task)')
    .argument('[repo]', 'path or URL of a git repo with an autoresearch.yaml, or a project of another program')
    .option('--id <id>', 'id of the session (default: <task>-<mmmdd>)')
    .option('--detach', 'do not watch it')
    .option('--json', 'print the id as JSON; implies --detach');
  for (const option of inputOptions()) start.addOption(option);
  start.addHelpText('after', START_EXAMPLES).action(async (repo, options) => {
    const input = sessionInput(options, repo, cli.cwd);
    const wanted = options.id === undefined ? undefined : checkSessionId(options.id);
    const { begin } = await import('./begin.ts');
    const session = await begin(cli, checkedTag(input), wanted);
    if (options.json === true) printJson(cli, { session });
    else if (options.detach === true) cli.out(`${session}\n`);
    else await follow(cli, session);
  });
  const demo = program
    .command('demo')
    .description('watch the bundled task: joins the newest demo session, else starts one (npm start)');
  for (const option of inputOptions()) if (option.attributeName() !== 'task') demo.addOption(option);
  demo.action(async (options) => {
    const input = checkedTag(withoutPlace(sessionInput(options, undefined, cli.cwd)));
    const { joinOrBegin } = await import('./begin.ts');
    await follow(cli, await joinOrBegin(cli, input, Object.keys(options).length > 0));
  });
}

const START_EXAMPLES = `
Examples:
  npx autoresearch start                         the repo around here
  npx autoresearch start ~/code/nanogpt --hours 8
  npx autoresearch start . --input '{"experiments": 50, "seed": 1}'
  npx autoresearch start . --input @session.json --detach
  npx autoresearch start --continue-from byte-lm-nov24 --experiments 200`;

/** A demo is of the bundled task: what names another would be passed over. */
function withoutPlace(input: SessionInput): SessionInput {
  const named = (['repo', 'task'] as const).find((key) => input[key] !== undefined);
  if (named === undefined) return input;
  throw new InvalidInput(
    `Expected \`demo\` to be told no \`${named}\`: it shows the bundled task, got ${input[named]}; use \`npx autoresearch start\`.`,
  );
}

function checkedTag(input: SessionInput): SessionInput {
  if (input.tag !== undefined) checkTag(input.tag);
  return input;
}
