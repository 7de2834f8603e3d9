// What people ask of a session: `best`, `status`, `list`, `watch`. All but `watch` answer with every process down.
import type { Command } from '@commander-js/extra-typings';
import { PROJECTS } from '../domain/project.ts';
import { bestReport } from '../domain/best-report.ts';
import type { SessionListing } from '../feed.ts';
import type { FoundLedger } from '../ledgers.ts';
import { draftText } from '../formats/project-text.ts';
import { bestLines } from './best-view.ts';
import { SESSION, widthOf, printJson, printLines, say, saySilence, withFeed, type Cli } from './cli.ts';
import { clock, table } from './figures.ts';
import { follow } from './follow.ts';
import { look, silenceOf, statusWord, type Snapshot } from './snapshot.ts';
import { statusLines } from './status-view.ts';
import { warningsOf } from './warnings.ts';

const JSON_HELP = 'print JSON';

/** Adds `best`, `status`, `list` and `watch` to the program. */
export function addAsk(program: Command, cli: Cli): void {
  program
    .command('best')
    .description('the best commit so far, its value and its gain')
    .argument('[session]', SESSION)
    .option('--json', JSON_HELP)
    .addHelpText('after', BEST_EXAMPLES)
    .action(async (session, { json }) => {
      const { view } = await withFeed(cli, async (feed) => {
        saySilence(cli, feed);
        return feed.view(await feed.resolve(session));
      });
      if (json === true) printJson(cli, bestReport(view));
      else printLines(cli, bestLines(view, widthOf(cli)));
    });
  program
    .command('status')
    .description('everything about a session at this moment')
    .argument('[session]', SESSION)
    .option('--json', JSON_HELP)
    .action(async (session, { json }) => {
      const [snapshot, found] = await withFeed(cli, async (feed) => {
        const id = await feed.resolve(session);
        // A ledger that cannot be read is in the way of much, not of this: the snapshot says what is wrong with it.
        return [await look(feed, id, cli.now()), await feed.ledger(id).catch(silenceOf)] as const;
      });
      if (json === true) return printJson(cli, statusData(snapshot));
      printLines(cli, [...statusLines(snapshot, widthOf(cli)), ...derivedLines(found)]);
    });
  program
    .command('list')
    .description('all sessions, the newest first')
    .option('--json', JSON_HELP)
    .action(async ({ json }) => {
      const sessions = await withFeed(cli, (feed) => {
        saySilence(cli, feed);
        return feed.sessions();
      });
      if (json === true) return printJson(cli, sessions);
      if (sessions.length === 0) return say(cli, 'No session yet; `npx autoresearch start` starts one.');
      printLines(
        cli,
        table(['session', 'status', 'started', 'task', 'repo'], listRows(sessions, cli.now()), widthOf(cli)),
      );
    });
  addWatch(program, cli);
}

function addWatch(program: Command, cli: Cli): void {
  program
    .command('watch')
    .description('follow a session: a live view on a terminal, one line per event on a pipe')
    .argument('[session]', SESSION)
    .option('--json', 'print one JSON object per event, each in a line of its own, to the end of the session')
    .addHelpText('after', WATCH_HELP)
    .action(async (session, options) => follow(cli, await withFeed(cli, (feed) => feed.resolve(session)), options));
}

const listRows = (sessions: readonly SessionListing[], now: number): string[][] =>
  sessions.map(({ session, status, task, repo, startedAt }) => [session, status, clock(startedAt, now), task, repo]);

const BEST_EXAMPLES = `
Examples:
  npx autoresearch best
  npx autoresearch best --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["best"])'`;

const WATCH_HELP = `
With --json each object has \`event\`, \`session\` and \`at\`. The events:
  status      the shape of \`best --json\`, and the reason
  baseline    commit, value, stderr, trials and noise
  preparing   of which trial, and what is being prepared
  trial       which training begins: experiment, trial, role, seed, seconds
  experiment  its verdict, value, gain, incumbent, trials, hypothesis and reason
  warning     what stands in the way, in words`;

/** The task of a session where no task file says all of it. */
function derivedLines(found: FoundLedger | Error | null): readonly string[] {
  if (found === null || found instanceof Error || found.open.project === undefined) return [];
  const { task, taskPath, project, overlaid } = found.open;
  const lines = draftText(task).trimEnd().split('\n');
  const otherwise = overlaid === true ? `, with what ${taskPath} says otherwise` : '';
  return ['', `task derived from a project of ${PROJECTS[project]}${otherwise}:`, ...lines.map((line) => `  ${line}`)];
}

/** The shape of `status --json`: the query's answer where there is one, and what stands in the way. */
function statusData(snapshot: Snapshot): object {
  const { session, view, live, pending } = snapshot;
  return {
    session,
    ...(live ?? view),
    ...(live === null && view !== null ? { status: statusWord(snapshot) } : {}),
    source: live === null ? 'git' : 'temporal',
    warnings: warningsOf(snapshot),
    pending,
  };
}
