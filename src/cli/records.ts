// What the ledger says of experiments: `show`, `results`, `log`. Read from git, so with every process down as well.
import { Option, type Command } from '@commander-js/extra-typings';
import { cautionsOf } from '../domain/cautions.ts';
import type { ExperimentRecord } from '../domain/experiment.ts';
import { HOOK_STAGES } from '../domain/hook.ts';
import { viewOf } from '../domain/view.ts';
import type { Feed } from '../feed.ts';
import type { FoundLedger } from '../ledgers.ts';
import { autokernelOf, writeAutokernel } from '../formats/autokernel.ts';
import { karpathyOf, writeKarpathy } from '../formats/karpathy.ts';
import { writePi } from '../formats/pi.ts';
import { piOf } from '../formats/pi-ledger.ts';
import { writeRecords } from '../formats/session-records.ts';
import { SESSION, widthOf, notFound, printJson, printLines, say, withFeed, type Cli } from './cli.ts';
import { sentence } from '../domain/sentence.ts';
import { plain } from './figures.ts';
import { addLog, LOG_LINES, tail } from './log.ts';
import { look } from './snapshot.ts';
import { resultsCsv, resultsTable } from './results-view.ts';
import { showPrompt } from './show-prompt.ts';
import { baselineLines, experimentLines } from './show-view.ts';
import { wholeNumber } from './session-input.ts';
import { resultsTsv } from '../domain/results-tsv.ts';

/** Every form of `--format`: a ledger in, a text out. */
const FORMATS = {
  jsonl: ({ ledger }: FoundLedger) => writeRecords(ledger.experiments),
  csv: ({ ledger }: FoundLedger) => resultsCsv(ledger.experiments),
  tsv: ({ ledger }: FoundLedger) => resultsTsv(ledger.experiments),
  karpathy: ({ ledger, open }: FoundLedger) => writeKarpathy(karpathyOf(ledger, open)),
  pi: ({ ledger, open }: FoundLedger) => writePi(piOf(ledger, open)),
  autokernel: ({ ledger, open }: FoundLedger) => writeAutokernel(autokernelOf(ledger, open)),
} as const;

/** Adds `show`, `results` and `log` to the program. */
export function addRecords(program: Command, cli: Cli): void {
  addShowAndResults(program, cli);
  addLog(program, cli);
}

function addShowAndResults(program: Command, cli: Cli): void {
  program
    .command('show')
    .description('one experiment: hypothesis, verdict, trials, diff, log; 0 is the baseline')
    .argument('<n>', 'number of the experiment')
    .argument('[session]', SESSION)
    .option('--prompt', 'what a model was asked for it, and what it answered')
    .option('--json', 'print JSON')
    .action((n, session, { json, prompt }) => {
      const experiment = wholeNumber('<n>', n, prompt === true ? 1 : 0);
      return withFeed(cli, async (feed) => {
        const id = await feed.resolve(session);
        if (prompt === true) return showPrompt(cli, id, experiment, json === true);
        return show(cli, feed, id, experiment, json === true);
      });
    });
  program
    .command('results')
    .description('all experiments')
    .argument('[session]', SESSION)
    .option('--json', 'print the records as a JSON list')
    .addOption(
      new Option('--format <format>', 'another form')
        .choices(['jsonl', 'csv', 'tsv', 'karpathy', 'pi', 'autokernel'] as const)
        .conflicts('json'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  npx autoresearch results --format csv > results.csv\n  npx autoresearch results --format pi > log.jsonl   # pi-autoresearch’s',
    )
    .action((session, { json, format }) =>
      withFeed(cli, async (feed) => {
        const found = await ledgerOf(feed, await feed.resolve(session));
        if (json === true) return printJson(cli, found.ledger.experiments);
        cli.out(format === undefined ? tableOf(cli, found) : FORMATS[format](found));
      }),
    );
}

/** The ledger of a session; ends with exit code 3 where there is none. */
export async function ledgerOf(feed: Feed, session: string): Promise<FoundLedger> {
  return (await feed.ledger(session)) ?? notFound(await whyNone(feed, session));
}

/** What is known of a session that has no ledger: the server may have it, blocked or failed before it got one. */
async function whyNone(feed: Feed, session: string): Promise<string> {
  const snapshot = await look(feed, session, 0).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'UnknownSession') return null;
    throw error;
  });
  if (snapshot === null)
    return `Expected a session that exists, got ${JSON.stringify(session)}; \`npx autoresearch list\` shows them.`;
  const { live, outcome } = snapshot;
  const [status, reason] = live === null ? [outcome?.outcome, outcome?.failure] : [live.status, live.reason];
  const why = [status ?? 'opening', reason ?? ''].filter((part) => part !== '').join(': ');
  return `Expected a session with a ledger, got ${session}, which has no ledger yet: ${sentence(plain(why))}`;
}

function tableOf(cli: Cli, { ledger, repo }: FoundLedger): string {
  if (ledger.experiments.length === 0) say(cli, 'No experiment has ended yet.');
  const view = viewOf(ledger, repo);
  for (const caution of view === null ? [] : cautionsOf(view)) say(cli, `note: ${caution}`);
  return `${resultsTable(ledger.experiments, widthOf(cli)).join('\n')}\n`;
}

async function show(cli: Cli, feed: Feed, session: string, n: number, json: boolean): Promise<void> {
  const found = await ledgerOf(feed, session);
  if (n === 0) return showBaseline(cli, found, json);
  const record = await recordOf(found, n);
  const diff = await feed.diff(session, n);
  const last = record.trials.findLast(({ role }) => role !== 'incumbent'); // the incumbent's logs are its own
  const log = last === undefined ? null : await feed.trialLog(session, n, last.trial);
  const end = log === null ? null : tail(log, LOG_LINES);
  const ran = (found.ledger.hooks ?? []).filter((run) => run.experiment === n);
  const hooks = HOOK_STAGES.flatMap((stage) => ran.filter((run) => run.stage === stage));
  if (json) return printJson(cli, { ...record, ...(hooks.length > 0 && { hooks }), diff, log: end });
  const { task } = found.open;
  printLines(cli, experimentLines({ record, task, hooks, diff, log: end, at: cli.now() }, widthOf(cli)));
}

async function showBaseline(cli: Cli, { ledger, open }: FoundLedger, json: boolean): Promise<void> {
  const event = ledger.events.find((one) => one.kind === 'baseline');
  if (event?.kind !== 'baseline') return notFound('Expected a baseline, got none: its trials have not ended yet.');
  if (json) return printJson(cli, event);
  printLines(cli, baselineLines({ event, task: open.task, at: cli.now() }, widthOf(cli)));
}

async function recordOf({ ledger, open }: FoundLedger, n: number): Promise<ExperimentRecord> {
  const record = ledger.experiments.find(({ experiment }) => experiment === n);
  const last = ledger.experiments.at(-1)?.experiment ?? 0;
  const there = last === 0 ? 'none has ended yet' : `the last that ended is ${last}`;
  return record ?? notFound(`Expected an experiment of ${open.session} that has ended, got ${n}; ${there}.`);
}
