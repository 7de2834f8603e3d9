// `log`: the end of what a training printed, from the trial's own folder on this machine.
import type { Command } from '@commander-js/extra-typings';
import { InvalidInput } from '../domain/invalid-input.ts';
import { lanesOf } from '../domain/report.ts';
import type { Feed } from '../feed.ts';
import { SESSION, notFound, printJson, printLines, say, withFeed, type Cli } from './cli.ts';
import { plainLines } from './figures.ts';
import { numberOr, wholeNumber } from './session-input.ts';

/** As many of a log's last lines as are shown where nobody says how many. */
export const LOG_LINES = 20;

/** Adds `log` to the program. */
export function addLog(program: Command, cli: Cli): void {
  program
    .command('log')
    .description("the end of a training's output")
    .argument('[n]', 'number of the experiment (default: the running one, else the last)')
    .argument('[session]', SESSION)
    .option('--trial <k>', 'which trial of it (default: the last)')
    .option('--lines <n>', 'how many lines', String(LOG_LINES))
    .option('--json', 'print JSON')
    .action((n, session, options) => {
      const experiment = n === undefined ? undefined : experimentOf(n);
      const trial = options.trial === undefined ? undefined : wholeNumber('--trial', options.trial, 1);
      const lines = wholeNumber('--lines', options.lines, 1);
      return withFeed(cli, async (feed) => {
        const id = await feed.resolve(session);
        const which = await whichTrial(feed, id, experiment, trial);
        const text = await logOf(feed, id, which);
        if (options.json === true)
          return printJson(cli, { session: id, ...which, lines: text.trim() === '' ? [] : tail(text, lines) });
        if (text.trim() === '') return say(cli, 'It has not printed anything yet.');
        printLines(cli, tail(text, lines));
      });
    });
}

/** The experiment of `log [n] [session]`; a session's id in its place is answered with how to name both. */
function experimentOf(n: string): number {
  if (typeof numberOr(n) === 'number') return wholeNumber('[n]', n, 0);
  throw new InvalidInput(
    `Expected \`[n]\` to be the number of an experiment, got ${JSON.stringify(n)}; a session comes after it: npx autoresearch log 12 ${n}`,
  );
}

/** Which trial's log is meant: as named, else the one that runs, else the last on record, else the last on this machine. */
async function whichTrial(
  feed: Feed,
  session: string,
  experiment: number | undefined,
  trial: number | undefined,
): Promise<{ readonly experiment: number; readonly trial: number }> {
  const { live } = await feed.view(session);
  const lanes = live === null ? [] : lanesOf(live);
  const running = lanes.find((one) => experiment === undefined || experiment === one.experiment);
  if (running !== undefined) return { experiment: running.experiment, trial: trial ?? running.trial };
  const found = await feed.ledger(session);
  const last = found?.ledger.experiments.findLast(({ trials }) => trials.length > 0)?.experiment ?? 0;
  const wanted = experiment ?? last;
  const record = found?.ledger.experiments.find((one) => one.experiment === wanted);
  const trials = record?.trials.filter(({ role }) => role !== 'incumbent');
  return { experiment: wanted, trial: trial ?? trials?.at(-1)?.trial ?? (await feed.lastTrial(session, wanted)) ?? 1 };
}

async function logOf(feed: Feed, session: string, at: { experiment: number; trial: number }): Promise<string> {
  const { experiment, trial } = at;
  return (
    (await feed.trialLog(session, experiment, trial)) ??
    notFound(`Expected a log of experiment ${experiment}, trial ${trial} on this machine, got none.`)
  );
}

/** The last lines of a log, without what could steer a terminal. */
export function tail(text: string, lines: number): string[] {
  return plainLines(text).trimEnd().split('\n').slice(-lines);
}
