// `quarantine`: what the rule would have kept and something speaks against; and what a person decides of it.
import type { Command } from '@commander-js/extra-typings';
import { InvalidInput } from '../domain/invalid-input.ts';
import type { Ledger } from '../domain/ledger.ts';
import { SESSION, needServer, printJson, printLines, say, widthOf, withFeed, type Cli } from './cli.ts';
import { gainFigure, table } from './figures.ts';
import { ledgerOf } from './records.ts';

/** An experiment in quarantine, and what a person has decided of it. */
interface Held {
  readonly experiment: number;
  readonly decision: 'open' | 'accepted' | 'rejected';
  readonly gain: number | null;
  readonly hypothesis: string;
  readonly reason: string;
}

/** Adds `quarantine` to the program. */
export function addQuarantine(program: Command, cli: Cli): void {
  const quarantine = program.command('quarantine').description('experiments that were better, but not trusted');
  quarantine
    .command('list', { isDefault: true })
    .description('what is in it, and why')
    .argument('[session]', SESSION)
    .option('--json', 'print JSON')
    .action((session, { json }) => list(cli, session, json));
  for (const [verb, decision, description] of [
    ['accept', 'accepted', 'it is honest: try it once more'],
    ['reject', 'rejected', 'it is a trick: it stays there'],
  ] as const)
    quarantine
      .command(verb)
      .description(description)
      .argument('<experiment>', 'its number')
      .argument('[session]', SESSION)
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExample:\n  npx autoresearch quarantine ${verb} 12`)
      .action((experiment, session, { json }) => review(cli, { experiment, session, decision, json }));
}

async function list(cli: Cli, named: string | undefined, json: true | undefined): Promise<void> {
  await withFeed(cli, async (feed) => {
    const session = await feed.resolve(named);
    const held = heldIn((await ledgerOf(feed, session)).ledger);
    if (json === true) return printJson(cli, { session, quarantine: held });
    if (held.length === 0) return say(cli, `Nothing is in quarantine in ${session}.`);
    const rows = held.map(({ experiment, decision, gain, reason, hypothesis }) => [
      String(experiment),
      decision,
      gain === null ? '' : gainFigure(gain),
      reason,
      hypothesis,
    ]);
    printLines(cli, table(['#', 'decision', 'gain', 'why', 'hypothesis'], rows, widthOf(cli)));
  });
}

/** What a ledger has in quarantine. */
function heldIn({ experiments, events }: Ledger): Held[] {
  const reviews = events.filter((event) => event.kind === 'reviewed');
  return experiments
    .filter(({ verdict }) => verdict === 'quarantine')
    .map(({ experiment, gain, hypothesis, reason }) => {
      const decision = reviews.findLast((one) => one.experiment === experiment)?.decision ?? 'open';
      return { experiment, decision, gain, hypothesis, reason };
    });
}

interface Review {
  readonly experiment: string;
  readonly session: string | undefined;
  readonly decision: 'accepted' | 'rejected';
  readonly json: true | undefined;
}

async function review(cli: Cli, { experiment: given, session: named, decision, json }: Review): Promise<void> {
  await withFeed(cli, async (feed) => {
    const session = await feed.resolve(named);
    const held = heldIn((await ledgerOf(feed, session)).ledger);
    const found = held.find(({ experiment }) => String(experiment) === given);
    const numbers = held.filter((one) => one.decision === 'open').map(({ experiment }) => experiment);
    const open = numbers.length === 0 ? 'none is' : `${numbers.join(', ')} ${numbers.length === 1 ? 'is' : 'are'}`;
    if (found === undefined || found.decision !== 'open')
      throw new InvalidInput(
        `Expected an experiment in quarantine that nobody has decided of (${open}), got ${found === undefined ? given : `${given}, which was ${found.decision}`}.`,
      );
    const { experiment } = found;
    const answer = await (await needServer(feed)).update(session, 'review', { experiment, decision });
    if (json === true) return printJson(cli, { session, experiment, decision, ...answer });
    const next = decision === 'accepted' ? '; its edit is tried once more' : '';
    cli.out(`${session} · experiment ${experiment} ${decision}${next}\n`);
  });
}
