import type { SessionClient } from '../client.ts';
import type { Feed } from '../feed.ts';
import type { ExitCode } from './exit.ts';
import type { World } from './world.ts';

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

/** Results are tables of at most 80 columns; a wider terminal gets no more, so that pasted results look alike. */
export const WIDTH = 80;

/** The server's client; throws `NoServer` where only git can answer. */
export async function needServer(feed: Feed): Promise<SessionClient> {
  if (feed.client !== null) return feed.client;
  const { NoServer } = await import('../client.ts');
  const address = process.env['TEMPORAL_ADDRESS'];
  throw new NoServer(
    address === undefined || address === ''
      ? 'Expected a Temporal server, got none; `autoresearch up` starts one.'
      : `Expected a Temporal server at TEMPORAL_ADDRESS ${address}, got no answer; start it there, or unset TEMPORAL_ADDRESS to use one of our own.`,
  );
}

/** Throws `UnknownSession`, the error of everything that a person names and that is not there (exit code 3). */
export async function notFound(text: string): Promise<never> {
  const { UnknownSession } = await import('../client.ts');
  throw new UnknownSession(text);
}
