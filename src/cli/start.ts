// `start` and `demo`: from a wish to a session that runs, and the view of it.
import { stateDirectory } from '../config.ts';
import type { Feed } from '../feed.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { checkTag } from '../domain/names.ts';
import type { SessionInput } from '../domain/session.ts';
import type { Command } from '@commander-js/extra-typings';
import type { Services } from '../services/daemon.ts';
import { allowRepo } from '../services/allowed.ts';
import { needServer, printJson, say, withFeed, type Cli } from './cli.ts';
import { fit, many } from './figures.ts';
import { follow } from './follow.ts';
import { bundledPlace, choosePlace, type Place } from './place.ts';
import { checkSessionId, nextSessionId } from './session-id.ts';
import { inputOptions, sessionInput } from './session-input.ts';

/** A demo shows something within minutes. */
const DEMO_EXPERIMENTS = 20;

/** Adds `start` and `demo` to the program. */
export function addStart(program: Command, cli: Cli): void {
  const start = program
    .command('start')
    .description('start a session on a repo (the one around here, else the bundled task)')
    .argument('[repo]', 'path or URL of a git repo with an autoresearch.yaml')
    .option('--id <id>', 'id of the session (default: <task>-<mmmdd>)')
    .option('--detach', 'do not watch it')
    .option('--json', 'print the id as JSON; implies --detach');
  for (const option of inputOptions()) start.addOption(option);
  start.addHelpText('after', START_EXAMPLES).action(async (repo, options) => {
    const input = sessionInput(options, repo, cli.cwd);
    const wanted = options.id === undefined ? undefined : checkSessionId(options.id);
    const session = await begin(cli, await choosePlace(checkedTag(input), cli.cwd), wanted);
    if (options.json === true) printJson(cli, { session });
    else if (options.detach === true) cli.out(`${session}\n`);
    else await follow(cli, session);
  });
  const demo = program
    .command('demo')
    .description('watch the bundled task: joins the newest demo session, else starts one (npm start)');
  for (const option of inputOptions()) demo.addOption(option);
  demo.action(async (options) => {
    const input = checkedTag(sessionInput(options, undefined, cli.cwd));
    await follow(cli, await joinOrBegin(cli, input, Object.keys(options).length > 0));
  });
}

const START_EXAMPLES = `
Examples:
  autoresearch start                         the repo around here
  autoresearch start ~/code/nanogpt --hours 8
  autoresearch start . --input '{"experiments": 50, "seed": 1}'
  autoresearch start . --input @session.json --detach`;

function checkedTag(input: SessionInput): SessionInput {
  if (input.tag !== undefined) checkTag(input.tag);
  return input;
}

async function joinOrBegin(cli: Cli, input: SessionInput, withOptions: boolean): Promise<string> {
  const place = await bundledPlace({ experiments: DEMO_EXPERIMENTS, ...input });
  await serve(cli);
  const open = await withFeed(cli, (feed) => openDemo(feed, place));
  if (open === undefined) return startAt(cli, place, undefined);
  say(cli, `Joining ${open}, which is still running; \`autoresearch stop ${open}\` ends it.`);
  if (withOptions) say(cli, 'The options given are for a new session and are left aside.');
  return open;
}

async function openDemo(feed: Feed, place: Place): Promise<string | undefined> {
  await needServer(feed);
  const sessions = await feed.sessions();
  // A session that has only just begun is on the server but not in git yet: its id says what it is.
  return sessions.find(
    ({ session, status, repo, task, source }) =>
      source === 'temporal' &&
      !CLOSED.has(status) &&
      (repo === '' ? session.startsWith(`${place.task}-`) : repo === place.origin && task === place.task),
  )?.session;
}

const CLOSED = new Set([
  'done',
  'failed',
  'completed',
  'terminated',
  'cancelled',
  'canceled',
  'timed_out',
  'interrupted',
]);

async function begin(cli: Cli, place: Place, wanted: string | undefined): Promise<string> {
  await serve(cli);
  return startAt(cli, place, wanted);
}

async function serve(cli: Cli): Promise<Services> {
  const { bootstrap, services } = await cli.serviceControl();
  const before = await services({});
  // Workers for a server of the person's that does not answer would only pile up in the background.
  if (!before.embedded) await withFeed(cli, needServer);
  return bootstrap({ say: (text) => say(cli, text), folder: cli.cwd });
}

async function startAt(cli: Cli, place: Place, wanted: string | undefined): Promise<string> {
  sayPlace(cli, place);
  if (!place.bundled && (await allowRepo(stateDirectory(), place.origin)))
    say(cli, `Sessions may now run commands out of ${place.origin} on this machine.`);
  const session = await withFeed(cli, (feed) => submit(feed, place, wanted, new Date(cli.now())));
  const { uiUrl } = await (await cli.serviceControl()).services({});
  const ui = uiUrl === undefined ? [] : [`  in the browser   ${uiUrl}/namespaces/default/workflows/${session}`];
  const ways = [
    `  watch it         autoresearch watch ${session}`,
    `  ask for results  autoresearch best ${session}`,
    ...ui,
  ];
  say(cli, [`Session ${session} has started.`, ...ways].join('\n'));
  return session;
}

/** How often another free id is looked for when somebody else was faster. */
const TRIES = 5;

async function submit(feed: Feed, place: Place, wanted: string | undefined, day: Date): Promise<string> {
  const client = await needServer(feed);
  const taken = new Set([...(await feed.sessions()).map(({ session }) => session), ...place.tags]);
  for (let k = 1; ; k++) {
    const session = wanted ?? nextSessionId(place.task, day, taken);
    if (taken.has(session)) throw new InvalidInput(`Expected \`--id\` to be free, got ${session}, which is taken.`);
    try {
      await client.start(session, place.input);
      return session;
    } catch (error) {
      if (!(error instanceof InvalidInput) || wanted !== undefined || k === TRIES) throw error;
      taken.add(session);
    }
  }
}

function sayPlace(cli: Cli, { origin, commit, unseen, bundled, task }: Place): void {
  const what = bundled ? `the bundled task ${task}` : `task ${task} of ${origin}`;
  say(cli, `Starting ${what}${commit === null ? '' : ` at commit ${commit.slice(0, 7)}`}.`);
  if (unseen.length === 0 || bundled) return;
  const names = fit(unseen.join(', '), 60);
  say(cli, `It does not see ${many(unseen.length, 'uncommitted change')}: ${names}`);
}
