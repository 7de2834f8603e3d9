// `pause`, `resume`, `stop`, `audit`, `patch`, `veto`, `approve`, `pin`, `extend`: each is one update of the session, which answers with its new state.
import { readFileSync } from 'node:fs';
import type { Command } from '@commander-js/extra-typings';
import { z } from 'zod';
import type { SessionClient, Verb } from '../client.ts';
import { editOfDiff } from '../domain/diff-edit.ts';
import { InvalidInput, parse } from '../domain/invalid-input.ts';
import { MOST_EXPERIMENTS } from '../domain/session.ts';
import { SESSION, needServer, printJson, say, withFeed, type Cli } from './cli.ts';
import { numberOr, optionName } from './session-input.ts';

/** Adds the steering commands to the program. */
export function addSteer(program: Command, cli: Cli): void {
  addVerb(program, 'pause', 'pause after the running experiment').action((session, { json }) =>
    steer(cli, session, 'pause', {}, json),
  );
  addVerb(program, 'resume', 'go on after a pause or a block').action((session, { json }) =>
    steer(cli, session, 'resume', {}, json),
  );
  addVerb(program, 'audit', 'measure the claimed gain again, after the running experiment')
    .addHelpText('after', '\nExample:\n  npx autoresearch audit && npx autoresearch watch')
    .action((session, { json }) => steer(cli, session, 'audit', {}, json));
  addVerb(program, 'stop', 'end the session after the running experiment')
    .option('--now', 'at once: the running training is ended')
    .action((session, { now, json }) => steer(cli, session, 'stop', now === true ? { now } : {}, json));
  addVerb(program, 'extend', 'add to the budget')
    .option('--experiments <n>', 'experiments to add')
    .option('--hours <n>', 'hours of wall clock to add')
    .option('--gpu-hours <n>', 'hours of training to add')
    .option('--usd <n>', 'US dollars for models to add')
    .option('--tokens <n>', 'tokens of models to add')
    .addHelpText('after', '\nExample:\n  npx autoresearch extend --experiments 20')
    .action((session, { json, ...more }) => steer(cli, session, 'extend', extension(more), json));
  addPatch(program, cli);
  addYesAndNo(program, cli);
  program
    .command('pin')
    .description('go on from the candidate of an experiment, kept or not; 0 is the baseline')
    .argument('<n>', 'its number')
    .argument('[session]', SESSION)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  npx autoresearch pin 12')
    .action((n, session, { json }) => steer(cli, session, 'pin', { experiment: experimentOf(n, 0) }, json));
}

function addYesAndNo(program: Command, cli: Cli): void {
  program
    .command('veto')
    .description('drop the experiment that is being tried, or the one that waits')
    .argument('<n>', 'its number, as `status` tells it')
    .argument('[session]', SESSION)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  npx autoresearch veto 12')
    .action((n, session, { json }) => steer(cli, session, 'veto', { experiment: experimentOf(n, 1) }, json));
  program
    .command('approve')
    .description('say yes to an experiment, where the session was started with --approve')
    .argument('<n>', 'its number, as `status` tells it')
    .argument('[session]', SESSION)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  npx autoresearch approve 12')
    .action((n, session, { json }) => steer(cli, session, 'approve', { experiment: experimentOf(n, 1) }, json));
}

function addPatch(program: Command, cli: Cli): void {
  program
    .command('patch')
    .description('try an edit of yours: it is the next that is proposed, and judged like any other')
    .argument('<file>', 'a unified diff of editable files, as `git diff` writes it; - for standard input')
    .argument('[session]', SESSION)
    .option('--why <text>', "the hypothesis, which becomes the commit's subject (default: an edit by hand)")
    .option('--json', 'print JSON')
    .addHelpText('after', "\nExample:\n  git diff | npx autoresearch patch - --why 'a wider hidden layer'")
    .action((file, session, { why, json }) => {
      const diff = readDiff(file);
      editOfDiff(diff);
      return steer(cli, session, 'patch', { diff, ...(why !== undefined && { hypothesis: why }) }, json);
    });
}

const DIFF_LENGTH = 64_000;

function readDiff(file: string): string {
  let diff: string;
  try {
    diff = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new InvalidInput(
      `Expected \`<file>\` to be a diff that can be read, got ${file} (${error instanceof Error ? error.message : String(error)}).`,
    );
  }
  if (diff.length <= DIFF_LENGTH) return diff;
  throw new InvalidInput(`Expected a diff of at most ${DIFF_LENGTH} characters, got ${diff.length}.`);
}

function addVerb(program: Command, verb: Verb, description: string) {
  return program.command(verb).description(description).argument('[session]', SESSION).option('--json', 'print JSON');
}

const extensionSchema = z.strictObject({
  experiments: z.int().min(1).max(MOST_EXPERIMENTS).optional(),
  hours: z.number().positive().optional(),
  gpuHours: z.number().positive().optional(),
  usd: z.number().positive().optional(),
  tokens: z.int().min(1).optional(),
});

function extension(options: Readonly<Record<string, unknown>>): object {
  const given = Object.entries(options).map(([name, value]) => [name, numberOr(value)] as const);
  if (given.length === 0)
    throw new InvalidInput(
      'Expected `extend` to say by what, got nothing; say --experiments, --hours, --gpu-hours, --usd or --tokens.',
    );
  try {
    return parse(extensionSchema, Object.fromEntries(given), '`extend`');
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(
      error.problems.map((problem) => problem.replace(/`(\w+)`/, (_, name: string) => `\`${optionName(name)}\``)),
    );
  }
}

function experimentOf(text: string, least: number): number {
  const number = numberOr(text);
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least) return number;
  throw new InvalidInput(`Expected \`<n>\` to be the number of an experiment, got ${JSON.stringify(text)}.`);
}

/** Sends an update and prints the state that follows. */
export async function steer(
  cli: Cli,
  named: string | undefined,
  verb: Verb,
  options: object,
  json: true | undefined,
): Promise<void> {
  await withFeed(cli, async (feed) => {
    const client = await needServer(feed);
    const session = await feed.resolve(named);
    const update = client.update(session, verb, options);
    const answer = verb === 'stop' ? await soon(cli, update) : await update;
    if (answer === null) return stopLater(cli, client, session, options, json);
    if (json === true) printJson(cli, { session, ...answer });
    else cli.out(`${session} · ${answer.status}\n`);
  });
}

/** A session that a worker runs answers within a tenth of that; nobody who says `stop` is to wait for a worker to come. */
const PATIENCE_MS = 2000;

/** What came within the person's patience, else null. */
async function soon<T>(cli: Cli, answer: Promise<T>): Promise<T | null> {
  answer.catch(() => {}); // once it is late, of no interest
  const answered = new AbortController();
  try {
    return await Promise.race([answer, cli.sleep(PATIENCE_MS, answered.signal).then(() => null)]);
  } finally {
    answered.abort();
  }
}

/** The way of stopping that needs nobody to be there. */
async function stopLater(
  cli: Cli,
  client: SessionClient,
  session: string,
  options: object,
  json: true | undefined,
): Promise<void> {
  say(cli, 'no control worker answers; the server keeps the stop for the next one …');
  await client.stopLater(session, options);
  if (json === true) return printJson(cli, { session, status: 'stopping', waits: true });
  cli.out(`${session} · will stop as soon as a control worker is back; \`npx autoresearch up\` starts one\n`);
}
