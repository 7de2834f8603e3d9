// `import`: a log of another program becomes something that the proposers of this repo's sessions may know.
import type { Command } from '@commander-js/extra-typings';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { prepareStateDirectory } from '../config.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import type { PriorLog } from '../domain/prior.ts';
import { notFound, printJson, printLines, say, widthOf, type Cli } from './cli.ts';
import { commitsInWords, importTable } from './import-view.ts';
import { isRemote } from './place.ts';

/** More than any program writes in a year; all of it is held in memory. */
const MOST_BYTES = 64 * 2 ** 20;

/** Adds `import` to the program. */
export function addImport(program: Command, cli: Cli): void {
  program
    .command('import')
    .description('tell the sessions of a repo what another program tried on it before')
    .argument('<log>', 'its log: results.tsv, log.jsonl, or what `results --format jsonl` printed')
    .argument('[repo]', 'the repo that it is about (default: the one around here)')
    .option('--no-push', 'keep it on this machine, away from the repo')
    .option('--undo', 'take the import of this log back')
    .option('--json', 'print JSON')
    .addHelpText('after', MORE)
    .action((log, repo, options) => importFile(cli, { log, repo: repo ?? '.', ...options }));
}

const MORE = `
It is hearsay: models that propose are told what was tried and what became of
it, and a commit of the log that the repo has is not proposed again. Its values
have other seeds and other noise behind them and are compared with nothing.
Importing a log twice changes nothing; one that has grown is imported again.

Examples:
  npx autoresearch import results.tsv                 of karpathy/autoresearch, or AutoKernel
  npx autoresearch import .auto/log.jsonl             of pi-autoresearch
  npx autoresearch import ~/old/results.tsv ~/code/my-net`;

interface Wanted {
  readonly log: string;
  readonly repo: string;
  readonly push: boolean;
  readonly undo?: true;
  readonly json?: true;
}

async function importFile(cli: Cli, { log: named, repo, push, undo, json }: Wanted): Promise<void> {
  const { readLog } = await import('../formats/read-log.ts');
  const { dropImported, importLog, pushImported } = await import('../git/imported.ts');
  const { openHomeClone } = await import('../git/home-clone.ts');
  const { resolveRepo } = await import('../git/user-repo.ts');
  const log = naming(named, readLog, await readText(resolve(cli.cwd, named)));
  const { origin } = await resolveRepo(isRemote(repo) ? repo : resolve(cli.cwd, repo));
  const clone = await openHomeClone({ repos: prepareStateDirectory().repos, origin });
  if (undo === true) {
    if (!(await dropImported(clone, origin, log)))
      return notFound(
        `Expected a log that was imported for ${origin}, got ${named}, which was not, or has grown since.`,
      );
    if (json === true) return printJson(cli, { repo: origin, undone: true });
    return say(cli, `Sessions of ${origin} do not know it any more.`);
  }
  const imported = await importLog({ clone, origin, log, at: new Date(cli.now()).toISOString() });
  const note = push ? await pushImported(clone, origin, imported) : undefined;
  if (note !== undefined) say(cli, note);
  const { ref, commits, isNew } = imported;
  if (json === true) return printJson(cli, { repo: origin, ref, isNew, commits, ...log });
  printLines(cli, importTable(log, widthOf(cli)));
  const found = commitsInWords(log, commits.length);
  if (found !== undefined) say(cli, found);
  say(cli, isNew ? `Sessions of ${origin} know it from now on.` : `Sessions of ${origin} know it already.`);
}

/** What is wrong with a log, under its name. */
function naming(name: string, read: (text: string) => PriorLog, text: string): PriorLog {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput([`${name} cannot be imported; nothing was changed.`, ...error.problems]);
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await contentOf(path).catch((error: unknown) => {
    if (error instanceof InvalidInput) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidInput(`Expected \`<log>\` to be a file that can be read, got ${path}: ${why}.`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // which leaves out a byte order mark
  } catch {
    throw new InvalidInput(`Expected \`<log>\` to be UTF-8 text, got other bytes in ${path}.`);
  }
}

async function contentOf(path: string): Promise<Uint8Array> {
  const found = await stat(path);
  if (!found.isFile()) throw new InvalidInput(`Expected \`<log>\` to be a file, got ${path}, which is none.`);
  if (found.size > MOST_BYTES)
    throw new InvalidInput(
      `Expected \`<log>\` to have at most ${MOST_BYTES / 2 ** 20} MB, got ${path} with ${Math.round(found.size / 2 ** 20)}.`,
    );
  return readFile(path);
}
