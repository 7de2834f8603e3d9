// The ledger as git has it: one ref per session, a chain of commits, one file per experiment and event. Read in one
// batch, from a home clone or from any repo that the refs were pushed to or fetched into.
import { z } from 'zod';
import { hookPath, type HookRun } from '../domain/hook.ts';
import { eventPath, experimentPath, parseEvent, parseExperiment, parseHookRun, type Ledger } from '../domain/ledger.ts';
import { RESULTS_HEADER, resultsRow } from '../domain/results-tsv.ts';
import type { ExperimentRecord } from '../domain/experiment.ts';
import { ledgerRef } from '../domain/names.ts';
import { brokenIn } from './broken-refs.ts';
import { isDamage } from './damaged-clone.ts';
import { GitError, gitSaying } from './git.ts';
import { readObjects, textOf, type GitObject } from './objects.ts';
import { listFiles } from './tree.ts';
import { commitOfRef } from './home-clone.ts';

/** Thrown when a file of a ledger is not what its path promises; nothing is guessed. */
export class CorruptLedger extends Error {
  override readonly name = 'CorruptLedger';

  constructor(ref: string, path: string, problem: string, cause?: unknown) {
    super(
      `Expected ${path} in ${ref} to be one record of this ledger, got ${problem}; look at its history with git log.`,
      {
        cause,
      },
    );
  }
}

/** The table of a ledger, made for people and spreadsheets from its records. */
export const RESULTS_PATH = 'results.tsv';

/** A session that has a ledger. */
export interface LedgerRef {
  readonly tag: string;
  /** Null for a ref that names no commit. */
  readonly commit: string | null;
  /** ISO time of its last entry; empty where there is none. */
  readonly at: string;
}

/** The sessions whose ledgers stand in a repo, the one written last first; those whose refs are broken come last. */
export async function listSessions(directory: string): Promise<readonly LedgerRef[]> {
  // No date in the format: git would refuse all of them for one whose commit is lost.
  const format = '--format=%(refname) %(objectname)';
  const { text, warnings } = await gitSaying(directory, ['for-each-ref', format, ledgerRef('*')]);
  const refs = [...text.split('\n').map((line) => line.split(' ')), ...brokenIn(warnings).map(({ ref }) => [ref])];
  const ledgers = refs.flatMap(([ref, commit]) => {
    const tag = ref === undefined ? undefined : /^refs\/autoresearch\/([^/]+)\/ledger$/.exec(ref)?.[1];
    return tag === undefined ? [] : [{ tag, commit: commit ?? null }];
  });
  const names = ledgers.map(({ commit }) => commit ?? '0');
  // One damaged object ends the whole batch: then there are no times, and whoever reads a ledger is told which it is.
  const tips = await readObjects(directory, names).catch((error: unknown) => {
    if (error instanceof GitError && !isDamage(error)) return null;
    throw error;
  });
  const found = ledgers.map(({ tag, commit }, k) => {
    const tip = tips?.[k];
    if (tip !== undefined) return { tag, commit, at: writtenAt(tip) };
    return { tag, commit: tips === null ? commit : null, at: '' };
  });
  return found.toSorted((left, right) => right.at.localeCompare(left.at));
}

/** A commit's time of writing, ISO. */
function writtenAt({ bytes }: GitObject): string {
  const seconds = /^committer .* (\d+) [+-]\d{4}$/m.exec(Buffer.from(bytes).toString('utf8'))?.[1];
  return seconds === undefined ? '' : new Date(1000 * Number(seconds)).toISOString();
}

/** A session's whole ledger, experiments by number and events by index; undefined when the repo has none of that tag. Throws `BrokenRef`. */
export async function readLedger(directory: string, tag: string): Promise<Ledger | undefined> {
  const ref = ledgerRef(tag);
  const tip = await commitOfRef(directory, ref);
  if (tip === undefined) return undefined;
  const entries = await listFiles(directory, tip, ['experiments', 'events', 'hooks']);
  const objects = await readObjects(
    directory,
    entries.map((entry) => entry.object),
  );
  const texts = entries.map(({ path }, index) => {
    const object = objects[index];
    if (!object) throw new CorruptLedger(ref, path, 'an object that git does not have');
    return { path, text: textOf(object, `${path} in ${ref}`) };
  });
  const experiments = texts.filter(({ path }) => path.startsWith('experiments/'));
  const events = texts.filter(({ path }) => path.startsWith('events/'));
  const hooks = texts.filter(({ path }) => path.startsWith('hooks/'));
  return {
    experiments: experiments
      .map((file) => checked(ref, file, experimentAt))
      .toSorted((left, right) => left.experiment - right.experiment),
    events: events
      .map((file) => checked(ref, file, eventAt))
      .toSorted((left, right) => left.index - right.index)
      .map(({ event }) => event),
    ...(hooks.length > 0 && { hooks: hooks.map((file) => checked(ref, file, hookRunAt)) }),
  };
}

function checked<Result>(ref: string, { path, text }: File, parse: (path: string, text: string) => Result): Result {
  try {
    return parse(path, text);
  } catch (cause) {
    const problem = otherVersion(text) ?? (cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause));
    throw new CorruptLedger(ref, path, problem.replaceAll(/\s+/g, ' '), cause);
  }
}

/** A file of a ledger. */
type File = { readonly path: string; readonly text: string };

/** Of every record and event. */
const VERSION = 1;
const versioned = z.object({ version: z.number() });

/** A newer program may write what this one does not know: of that a version says more than any field does. */
function otherVersion(text: string): string | undefined {
  const read = versioned.safeParse(parsed(text));
  if (!read.success || read.data.version === VERSION) return undefined;
  return `one of version ${read.data.version}, which another autoresearch wrote: use that, or a newer one`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // and so no version
  }
}

function experimentAt(path: string, text: string): ExperimentRecord {
  const record = parseExperiment(text);
  if (experimentPath(record.experiment) !== path) throw new Error(`the record of experiment ${record.experiment}`);
  return record;
}

function eventAt(path: string, text: string) {
  const event = parseEvent(text);
  const index = Number(/^events\/(\d+)-/.exec(path)?.[1]);
  if (eventPath(index, event.kind) !== path) throw new Error(`an event of kind ${event.kind}`);
  return { index, event };
}

function hookRunAt(path: string, text: string): HookRun {
  const run = parseHookRun(text);
  if (hookPath(run) !== path) throw new Error(`the hook ${run.stage} of experiment ${run.experiment}`);
  return run;
}

/**
 * results.tsv with one more record, in the order of the experiments: what `resultsTsv` gives for all records, without
 * reading them all. An absent table is begun; throws when the text is no such table.
 */
export function addResultsRow(table: string | undefined, record: ExperimentRecord): string {
  const [header, ...rows] = (table ?? `${RESULTS_HEADER}\n`).replace(/\n$/, '').split('\n');
  if (header !== RESULTS_HEADER) throw new Error(`another first line than ${JSON.stringify(RESULTS_HEADER)}`);
  const before = rows.findLastIndex((row) => numberOf(row) < record.experiment) + 1;
  return `${[header, ...rows.toSpliced(before, 0, resultsRow(record))].join('\n')}\n`;
}

const numberOf = (row: string): number => Number(row.slice(0, row.indexOf('\t')));
