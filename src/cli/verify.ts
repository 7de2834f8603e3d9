// `verify`: proves from git alone that nothing of a session was lost, doubled or changed. Needs no server.
import type { Command } from '@commander-js/extra-typings';
import { resolve } from 'node:path';
import { stateDirectory } from '../config.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { tagFrom } from '../domain/names.ts';
import { NO_COUNTS } from '../domain/counts.ts';
import type { Verification } from '../domain/verify.ts';
import type { FoundSession } from '../git/find-sessions.ts';
import { SESSION, notFound, printJson, printLines, say, widthOf, type Cli } from './cli.ts';
import { EXIT } from './exit.ts';
import { many, plain, wrap } from './figures.ts';

/** A session with what was seen of it. */
interface Verified extends FoundSession, Verification {}

/** Adds `verify` to the program. */
export function addVerify(program: Command, cli: Cli): void {
  program
    .command('verify')
    .description('prove that ledger, candidates and kept line agree, and that nothing is missing')
    .argument('[session]', SESSION)
    .option('--all', 'every session within reach')
    .option('--in <folder>', 'look in the clone in this folder alone, not in the home clones of this machine')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (session, { all, in: folder, json }) => {
      if (all === true && session !== undefined)
        throw new InvalidInput(`Expected a session or \`--all\`, got ${JSON.stringify(session)} and \`--all\`.`);
      const chosen = await choose(cli, session, folder);
      const verified: Verified[] = [];
      for (const one of all === true ? chosen : chosen.slice(0, 1)) verified.push({ ...one, ...(await look(one)) });
      if (json === true) printJson(cli, all === true ? verified.map(data) : verified.map(data)[0]);
      else
        printLines(
          cli,
          verified.flatMap((one) => lines(one, widthOf(cli))),
        );
      if (verified.some(({ findings }) => findings.length > 0)) cli.endWith(EXIT.failure);
    });
}

const EXAMPLES = `
In a plain clone of the repo it fetches refs/autoresearch/* first.
Exit code 0: all is proved; 1: it says what is wrong.

Examples:
  npx autoresearch verify
  npx autoresearch verify --in ~/code/my-net
  npx autoresearch verify --all --json`;

/** The sessions of this name, or all of them, the newest first: in `folder`, or in home clones, else in the repo around here. */
async function choose(
  cli: Cli,
  name: string | undefined,
  folder: string | undefined,
): Promise<readonly FoundSession[]> {
  const { sessionsAround, sessionsAtHome } = await import('../git/find-sessions.ts');
  const isMeant = ({ session, tag }: FoundSession) =>
    name === undefined || [session, tag].includes(name) || tag === tagFrom(name);
  const places =
    folder === undefined
      ? [() => sessionsAtHome(stateDirectory().repos), () => sessionsAround(cli.cwd)]
      : [() => sessionsAround(resolve(cli.cwd, folder), 'needed')];
  for (const find of places) {
    const { sessions, notes } = await find();
    for (const note of notes) say(cli, plain(note));
    const meant = sessions.filter(isMeant);
    if (meant.length > 0) return meant;
  }
  if (name === undefined) return notFound('Expected a session, got none: nothing was ever started here.');
  return notFound(
    `Expected a session whose ledger is here, got ${JSON.stringify(name)}; \`npx autoresearch list\` shows the sessions. One that pushes its kept line alone, or nothing, can be verified on the machine that ran it.`,
  );
}

/** What git cannot read at all is one finding: the other sessions are looked at all the same. */
async function look({ directory, tag }: FoundSession): Promise<Verification> {
  const [{ readFacts }, { GitError }, { verify }] = await Promise.all([
    import('../git/read-facts.ts'),
    import('../git/git.ts'),
    import('../domain/verify.ts'),
  ]);
  try {
    return verify(await readFacts(directory, tag));
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const problem = `Expected git to read what it has of ${tag}, got: ${error.message}`;
    const nothing = { ended: false, experiments: NO_COUNTS, inFlight: [], notPushed: [] };
    return { ...nothing, findings: [{ check: 'files', problem }] };
  }
}

/** The shape of `--json`. */
function data({ session, tag, directory, findings, ...seen }: Verified): object {
  return { session, tag, directory, verified: findings.length === 0, ...seen, findings };
}

function lines({ session, directory, findings, ...seen }: Verified, columns: number): string[] {
  if (findings.length === 0) return [plain(`${session} · verified: ${seenText(seen)}`)];
  const head = `${session} · ${many(findings.length, 'thing')} wrong in ${directory} (${seenText(seen)}):`;
  const shown = findings.slice(0, MOST).flatMap(({ problem }) => bullet(plain(problem), columns));
  const more = findings.length - MOST;
  return [plain(head), ...shown, ...(more > 0 ? bullet(`… and ${more} more; --json lists them all`, columns) : [])];
}

/** One deed may show in many places: enough lines to see what it was. */
const MOST = 20;

const bullet = (text: string, columns: number): string[] =>
  wrap(text, columns - 2).map((line, k) => `${k === 0 ? '- ' : '  '}${line}`);

/** `42 experiments, 5 kept, 3 dropped, 1 in flight`. */
function seenText({ experiments, inFlight, notPushed, ended }: Omit<Verification, 'findings'>): string {
  const { total, kept, dropped } = experiments;
  const parts = [
    many(total, 'experiment'),
    `${kept} kept`,
    ...(dropped === 0 ? [] : [`${dropped} dropped`]),
    ...(inFlight.length === 0
      ? []
      : [`${inFlight.length} ${ended ? 'made ahead of a baseline that never came' : 'in flight'}`]),
    ...(notPushed.length === 0 ? [] : [`${many(notPushed.length, 'candidate')} not pushed here`]),
    ended ? 'ended' : 'open',
  ];
  return parts.join(', ');
}
