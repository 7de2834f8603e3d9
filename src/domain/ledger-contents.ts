// A ledger's files read for judging them: a file that is not what its path promises is named, and the rest is read all
// the same. (`readLedger` throws there instead, because whoever goes on working must not guess.)
import { z } from 'zod';
import type { ExperimentRecord } from './experiment.ts';
import { hookPath } from './hook.ts';
import { eventPath, experimentPath, parseEvent, parseExperiment, parseHookRun, type LedgerEvent } from './ledger.ts';

/** One file of a ledger: its text, or why there is none. */
export type LedgerFile = { readonly path: string } & ({ readonly text: string } | { readonly problem: string });

/** An event and its place among the events, counted from 0. */
export interface NumberedEvent {
  readonly index: number;
  readonly event: LedgerEvent;
}

/** What a ledger's files say. */
export interface LedgerContents {
  /** By number; one at most for each, because a number has one place. */
  readonly records: readonly ExperimentRecord[];
  /** By index. */
  readonly events: readonly NumberedEvent[];
  /** results.tsv; null when there is none. */
  readonly table: string | null;
  /** Files that are no such thing, with what is wrong with each. */
  readonly unreadable: readonly { readonly path: string; readonly problem: string }[];
  /** The numbers that files claim by their paths, readable or not; in order, each once. */
  readonly claimed: { readonly experiments: readonly number[]; readonly events: readonly number[] };
}

/** The path of the table that is made from the records. */
const TABLE = 'results.tsv';
/** Enough to see what a file is; a person looks at the file for more. */
const PROBLEM_LENGTH = 200;

/** Reads every file of a ledger; never throws for what stands in one. */
export function readContents(files: readonly LedgerFile[]): LedgerContents {
  const paths = new Set(files.map(({ path }) => path));
  const records: ExperimentRecord[] = [];
  const events: NumberedEvent[] = [];
  const unreadable: { path: string; problem: string }[] = [];
  let table: string | null = null;
  for (const file of files) {
    const { path } = file;
    try {
      if ('problem' in file) throw new Error(file.problem);
      if (path.startsWith('experiments/')) records.push(recordAt(path, file.text, paths));
      else if (path.startsWith('events/')) events.push(eventAt(path, file.text));
      else if (path.startsWith('hooks/')) checkHookRun(path, file.text);
      else if (path === TABLE) table = file.text;
      else throw new Error('a file that no ledger has');
    } catch (error) {
      unreadable.push({ path, problem: problemOf(error) });
    }
  }
  return {
    records: records.toSorted((left, right) => left.experiment - right.experiment),
    events: events.toSorted((left, right) => left.index - right.index),
    table,
    unreadable,
    claimed: {
      experiments: numbersIn(paths, /^experiments\/\d+\/(\d+)\.json$/),
      events: numbersIn(paths, /^events\/(\d+)-/),
    },
  };
}

function numbersIn(paths: ReadonlySet<string>, pattern: RegExp): number[] {
  const numbers = [...paths].flatMap((path) => pattern.exec(path)?.[1] ?? []).map(Number);
  return [...new Set(numbers)].toSorted((left, right) => left - right);
}

function recordAt(path: string, text: string, paths: ReadonlySet<string>): ExperimentRecord {
  const record = parseExperiment(text);
  const place = experimentPath(record.experiment);
  if (place === path) return record;
  const second = paths.has(place) ? ', which has one already' : '';
  throw new Error(`the record of experiment ${record.experiment}, whose place is ${place}${second}`);
}

function eventAt(path: string, text: string): NumberedEvent {
  const event = parseEvent(text);
  const index = Number(/^events\/(\d+)-/.exec(path)?.[1]);
  if (eventPath(index, event.kind) !== path) throw new Error(`an event of kind ${event.kind}`);
  return { index, event };
}

function checkHookRun(path: string, text: string): void {
  const run = parseHookRun(text);
  if (hookPath(run) !== path) throw new Error(`the hook ${run.stage} of experiment ${run.experiment}`);
}

function problemOf(error: unknown): string {
  const text = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : '';
  return text.replaceAll(/\s+/g, ' ').slice(0, PROBLEM_LENGTH);
}
