// How a session begins: look at the place, start what is missing, then the session itself.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from '../config.ts';
import { continuedInput } from '../domain/continued.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import type { SessionInput } from '../domain/session.ts';
import type { Feed } from '../feed.ts';
import { LOGS, inWords } from '../formats/find-project.ts';
import { UV } from '../machine.ts';
import { isPreset } from '../proposer/agent/presets.ts';
import { allowCommand, allowRepo } from '../services/allowed.ts';
import type { DerivedTask } from '../task-file.ts';
import { UnknownSession } from '../session-workflow.ts';
import { needServer, say, withFeed, type Cli } from './cli.ts';
import { fit, many } from './figures.ts';
import { bundledOrigin, bundledPlace, choosePlace, type Place } from './place.ts';
import { serve } from './serve.ts';
import { nextSessionId } from './session-id.ts';

/** A demo shows something within minutes. */
const DEMO_EXPERIMENTS = 20;

/** Joins the newest demo session that is still open, else starts one; returns its id. */
export async function joinOrBegin(cli: Cli, input: SessionInput, withOptions: boolean): Promise<string> {
  if (input.continueFrom !== undefined) return begin(cli, input, undefined);
  const { bundledTaskTools } = await import('../services/bootstrap.ts');
  await (await cli.serviceControl()).checkMachine(bundledTaskTools());
  // Nobody's money is spent on a demo, whatever key there is, unless a person says so.
  const place = await bundledPlace({ experiments: DEMO_EXPERIMENTS, proposer: 'search', ...input });
  await serve(cli, place.input);
  const open = await withFeed(cli, (feed) => openDemo(feed, place));
  if (open === undefined) {
    await needFree(cli, place, undefined);
    return startAt(cli, place, undefined);
  }
  say(cli, `Joining ${open}, which is still running; \`npx autoresearch stop ${open}\` ends it.`);
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

/** Starts a session, under the id wanted or the next free one; returns its id. All checks come before anything is started. */
export async function begin(cli: Cli, input: SessionInput, wanted: string | undefined): Promise<string> {
  const { continueFrom } = input;
  await (await cli.serviceControl()).checkMachine(); // before git is asked about the repo
  if (continueFrom !== undefined && wanted !== undefined && wanted !== continueFrom)
    throw new InvalidInput(`Expected \`--id\` to be left out or ${continueFrom}, which goes on, got ${wanted}.`);
  const place =
    continueFrom === undefined ? await choosePlace(input, cli.cwd) : await placeOf(cli, input, continueFrom);
  await needTools(cli, place);
  if (continueFrom === undefined) await needFree(cli, place, wanted);
  await serve(cli, place.whole ?? place.input);
  return startAt(cli, place, continueFrom ?? wanted);
}

/** Throws `MachineNotReady` without what this task's `prepare` runs: better now than after everything has started. */
async function needTools(cli: Cli, { project, bundled }: Place): Promise<void> {
  const { bundledTaskTools } = await import('../services/bootstrap.ts');
  const more = [...(project?.needsUv === true ? [UV] : []), ...(bundled ? bundledTaskTools() : [])];
  if (more.length > 0) await (await cli.serviceControl()).checkMachine(more);
}

/** Where a session that goes on has its ledger; one that nothing here knows, in the repo named or around here. */
async function placeOf(cli: Cli, input: SessionInput, session: string): Promise<Place> {
  const ledger = await withFeed(cli, (feed) => feed.ledger(session));
  if (ledger === null && input.repo === undefined)
    throw new UnknownSession(
      `Expected \`--continue-from\` to name a session with a ledger, got ${JSON.stringify(session)}; \`npx autoresearch list\` shows those here, and of another the repo has to be named.`,
    );
  if (ledger === null) return choosePlace(input, cli.cwd);
  const { open, repo } = ledger;
  if (open.session !== session)
    throw new InvalidInput(`Expected \`--continue-from\` to be a session's id, ${open.session}, got ${session}.`);
  const whole = continuedInput(ledger.ledger, input); // a mistake costs nothing yet
  const known = { origin: input.repo ?? repo, task: open.task.name, commit: open.base, unseen: [], tags: [] };
  return { input: { ...input, repo: input.repo ?? repo }, whole, ...known, bundled: repo === (await bundledOrigin()) };
}

/** Throws `InvalidInput` for an id or a tag that somebody has: better before services are started than after. */
async function needFree(cli: Cli, { input: { tag }, tags }: Place, wanted: string | undefined): Promise<void> {
  const sessions = wanted === undefined ? [] : await withFeed(cli, (feed) => feed.sessions());
  if (wanted !== undefined && [...tags, ...sessions.map(({ session }) => session)].includes(wanted))
    throw takenId(wanted);
  if (tag !== undefined && tags.includes(tag))
    throw new InvalidInput(
      `Expected \`--tag\` to be free, got ${tag}, which a session or a branch autoresearch/${tag} of the repo has; choose another.`,
    );
}

const takenId = (id: string): InvalidInput =>
  new InvalidInput(`Expected \`--id\` to be free, got ${id}, which is taken.`);

async function startAt(cli: Cli, place: Place, wanted: string | undefined): Promise<string> {
  sayPlace(cli, place);
  const session = await withFeed(cli, (feed) => submit(cli, feed, place, wanted));
  const { uiUrl } = await (await cli.serviceControl()).services({});
  const ui = uiUrl === undefined ? [] : [`  in the browser   ${uiUrl}/namespaces/default/workflows/${session}`];
  const ways = [
    `  watch it         npx autoresearch watch ${session}`,
    `  ask for results  npx autoresearch best ${session}`,
    ...ui,
  ];
  say(cli, [`Session ${session} has started.`, ...ways].join('\n'));
  return session;
}

/** How often another free id is looked for when somebody else was faster. */
const TRIES = 5;

async function submit(cli: Cli, feed: Feed, place: Place, wanted: string | undefined): Promise<string> {
  const client = await needServer(feed);
  const day = new Date(cli.now());
  const taken = new Set([...(await feed.sessions()).map(({ session }) => session), ...place.tags]);
  for (let k = 1; ; k++) {
    const session = wanted ?? nextSessionId(place.task, day, taken);
    if (taken.has(session) && place.input.continueFrom === undefined) throw takenId(session);
    // Only now that nothing else can be wrong; and before the session, which asks for it at once.
    if (!place.bundled && (await allowRepo(stateDirectory(), place.origin)))
      say(cli, `Sessions may now run commands out of ${place.origin} on this machine.`);
    const { command = '' } = place.input;
    if (command !== '' && !isPreset(command) && (await allowCommand(stateDirectory(), command)))
      say(cli, 'Sessions may now propose by this command on this machine.');
    try {
      await client.start(session, place.input);
      return session;
    } catch (error) {
      if (!(error instanceof InvalidInput) || wanted !== undefined || k === TRIES) throw error;
      taken.add(session);
    }
  }
}

function sayPlace(cli: Cli, { input, origin, commit, unseen, bundled, task, project }: Place): void {
  const what = bundled ? `the bundled task ${task}` : `task ${task} of ${origin}`;
  say(
    cli,
    `${input.continueFrom === undefined ? 'Starting' : 'Going on with'} ${what}${commit === null ? '' : ` at commit ${commit.slice(0, 7)}`}.`,
  );
  if (project !== undefined) sayProject(cli, project, input.repo ?? origin);
  if (project?.experiments !== undefined && input.experiments === undefined)
    say(cli, `Its settings ask for ${many(project.experiments, 'experiment')}; \`--experiments\` says otherwise.`);
  if (unseen.length === 0 || bundled) return;
  const names = fit(unseen.join(', '), 60);
  say(cli, `It does not see ${many(unseen.length, 'uncommitted change')}: ${names}`);
}

/** What a session does in another program's project, before it does anything. */
function sayProject(cli: Cli, { kind, found, text, isOverlaid }: DerivedTask, folder: string): void {
  const otherwise = isOverlaid
    ? 'with what the task file says otherwise'
    : 'which `npx autoresearch init` writes out to be edited';
  say(cli, `Found a project of ${inWords({ kind, found })}. Its task, ${otherwise}:`);
  say(cli, text.replaceAll(/^(?=.)/gm, '  ').trimEnd());
  const log = LOGS[kind].find((name) => existsSync(join(folder, name)));
  if (log !== undefined) say(cli, `What was tried before is told to sessions by \`npx autoresearch import ${log}\`.`);
}
