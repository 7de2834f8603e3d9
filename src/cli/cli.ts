import type { SessionClient } from '../client.ts';
import type { Feed } from '../feed.ts';
import type { ExitCode } from './exit.ts';
import type { World } from './world.ts';

/** What `[session]` means to every command that takes it. */
export const SESSION = 'id of the session (default: the newest)';

/** What every command gets: the world, and how to end with another code than 0 without an error. */
export interface Cli extends World {
  readonly endWith: (code: ExitCode) => void;
}

/** Runs `ask` with an open feed and closes it, whatever happens. */
export async function withFeed<T>(cli: Cli, ask: (feed: Feed) => Promise<T>): Promise<T> {
  const feed = await cli.openFeed();
  try {
    return await ask(feed);
  } finally {
    await feed.close();
  }
}

/** Prints data as JSON, for scripts. */
export const printJson = (cli: Cli, value: unknown): void => cli.out(`${JSON.stringify(value, undefined, 2)}\n`);

/** Prints lines as the command's result. */
export const printLines = (cli: Cli, lines: readonly string[]): void => cli.out(`${lines.join('\n')}\n`);

/** Says something to the person, beside the result. */
export const say = (cli: Cli, text: string): void => cli.err(`${text}\n`);

/** How wide results are: as wide as a terminal up to a line's good length, and 80 columns on a pipe. */
export function widthOf({ terminal, size }: Pick<World, 'terminal' | 'size'>): number {
  return terminal ? Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, size().columns)) : PIPE_COLUMNS;
}

/** What fits on every screen and in every mail. */
export const PIPE_COLUMNS = 80;
/** Wider lines are hard to read. */
const MAX_COLUMNS = 120;
/** Narrower tables say nothing. */
const MIN_COLUMNS = 40;

/** The server's client; throws `NoServer` where only git can answer. */
export async function needServer(feed: Feed): Promise<SessionClient> {
  if (feed.client !== null) return feed.client;
  const { NoServer } = await import('../client.ts');
  throw new NoServer(`Expected ${missingServer(feed.theirs)}`);
}

/** The person's own server, or ours, that does not answer, and what to do: the end of a sentence. */
function missingServer(theirs: string | undefined): string {
  if (theirs === undefined) return 'a Temporal server, got none; `npx autoresearch up` starts one.';
  const isSet = (process.env['TEMPORAL_ADDRESS'] ?? '') !== '';
  const [where, rid] = isSet
    ? [`TEMPORAL_ADDRESS ${theirs}`, 'unset TEMPORAL_ADDRESS']
    : [`${theirs}, which your Temporal profile names`, 'remove that profile'];
  return `a Temporal server at ${where}, got no answer; start it there, or ${rid} to use one of our own.`;
}

/** Says that only git answers, where the person's own server should have. */
export function saySilence(cli: Cli, { client, theirs }: Pick<Feed, 'client' | 'theirs'>): void {
  if (client === null && theirs !== undefined) say(cli, `Expected ${missingServer(theirs)} This is what git has.`);
}

/** Throws `UnknownSession`, the error of everything that a person names and that is not there (exit code 3). */
export async function notFound(text: string): Promise<never> {
  const { UnknownSession } = await import('../session-workflow.ts');
  throw new UnknownSession(text);
}
