// `judge`: what another rule would have made of a session. Reads the ledger, runs nothing, changes nothing.
import { Option, type Command } from '@commander-js/extra-typings';
import { judgeAgain, type Rejudged } from '../domain/judge.ts';
import { RULES } from '../domain/session.ts';
import { SESSION, printJson, printLines, widthOf, withFeed, type Cli } from './cli.ts';
import { gainFigure, many, table } from './figures.ts';
import { ledgerOf } from './records.ts';

/** Adds `judge` to the program. */
export function addJudge(program: Command, cli: Cli): void {
  program
    .command('judge')
    .description("judge a session's records by another rule, without running anything")
    .argument('[session]', SESSION)
    .addOption(new Option('--rule <name>', 'the rule').choices(RULES).default('strict' as const))
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  npx autoresearch judge --rule strict')
    .action((session, { rule, json }) =>
      withFeed(cli, async (feed) => {
        const id = await feed.resolve(session);
        const { ledger } = await ledgerOf(feed, id);
        const judged = judgeAgain(ledger, rule);
        if (json === true) return printJson(cli, { session: id, rule, experiments: judged });
        printLines(cli, judgeLines(judged, rule, widthOf(cli)));
      }),
    );
}

/** The experiments that come out otherwise, and how many do not. */
function judgeLines(judged: readonly Rejudged[], rule: string, columns: number): string[] {
  const other = judged.filter(({ was, now }) => was !== now);
  const same = `${many(judged.length - other.length, 'experiment')} of ${judged.length} under \`${rule}\` as they were.`;
  if (other.length === 0) return [same];
  const rows = other.map(({ experiment, was, now, gain, reason }) => [
    String(experiment),
    was,
    now,
    gain === null ? '' : gainFigure(gain),
    reason,
  ]);
  return [...table(['#', 'was', 'now', 'gain', 'why'], rows, columns), '', same];
}
