// The promises that a ledger keeps by itself: one record for each number, events in their order, a table that says the
// same, and a chain that only ever grew.
import { keptSince, lineStart, lineTip } from './kept-line.ts';
import { eventPath } from './ledger.ts';
import { resultsTsv } from './results-tsv.ts';
import type { LedgerContents } from './ledger-contents.ts';
import { ledgerRef } from './names.ts';
import type { ChainEntry, Finding } from './session-facts.ts';

/** Every file is the one record or event that its path promises. */
export function checkFiles({ unreadable }: LedgerContents): Finding[] {
  return unreadable.map(({ path, problem }) => ({
    check: 'files',
    problem: `Expected ${path} to be what its place in the ledger says, got ${problem}.`,
  }));
}

/** No number below the last is without its record, but for those that are under way. */
export function checkNumbers({ claimed }: LedgerContents, isUnderWay: (experiment: number) => boolean): Finding[] {
  const last = claimed.experiments.at(-1) ?? 0;
  const known = new Set(claimed.experiments);
  const accounted = Array.from({ length: last }, (_, k) => k + 1).filter((n) => known.has(n) || isUnderWay(n));
  return gapsIn(accounted, 1).map(({ from, to, before }) => ({
    check: 'experiments',
    problem: `Expected ${range('experiment', from, to)} to have a record, as experiment ${before} has, got none.`,
  }));
}

/** The opening first and once, no event left out, an end that nothing follows unless the session was continued. */
export function checkEvents({ events, claimed }: LedgerContents, tag: string): Finding[] {
  const opening = eventPath(0, 'open');
  const first = events.find(({ index }) => index === 0)?.event;
  const opens = events.filter(({ index, event }) => index > 0 && event.kind === 'open');
  const ends = events.filter(
    ({ event }, k) =>
      event.kind === 'end' &&
      events.slice(k + 1).find((later) => ENDS_AND_GOES_ON.has(later.event.kind))?.event.kind !== 'continued',
  );
  const problems = [
    ...gapsIn(claimed.events, 0).map(
      ({ from, to, before }) => `Expected ${range('event', from, to)} to be there, as event ${before} is, got nothing.`,
    ),
    ...opens.map(
      ({ index }) => `Expected ${opening} to be the one opening, got another in ${eventPath(index, 'open')}.`,
    ),
  ];
  if (claimed.events.length === 0) problems.push(`Expected ${opening} to be there, got no event at all.`);
  if (first !== undefined && first.kind !== 'open')
    problems.push(`Expected the ledger to begin with ${opening}, got ${eventPath(0, first.kind)}.`);
  if (first?.kind === 'open' && first.tag !== tag)
    problems.push(`Expected ${opening} to open ${tag}, got the opening of ${JSON.stringify(first.tag)}.`);
  if (ends.length > 1) {
    const paths = ends.map(({ index }) => eventPath(index, 'end'));
    problems.push(`Expected at most one end, got ${paths.join(' and ')}.`);
  }
  return problems.map((problem) => ({ check: 'events', problem }));
}

/** Each move of somebody else begins where the ledger has the line, which until then was made of one keep on the other. */
export function checkMoves({ events, records }: LedgerContents): Finding[] {
  return events.flatMap(({ index, event }, k) => {
    if (event.kind !== 'moved') return [];
    const before = events.slice(0, k).map((one) => one.event);
    const line = lineTip(
      before,
      records.filter(({ experiment }) => experiment <= event.after),
    );
    const start = lineStart(before);
    const kept =
      start === undefined
        ? []
        : keptSince(
            records.filter(({ experiment }) => experiment <= event.after),
            start,
          );
    const problems = kept.flatMap(({ experiment, base }, n) => {
      const tip = n === 0 ? start?.commit : kept[n - 1]?.candidate;
      return base === tip
        ? []
        : [`Expected experiment ${experiment} to be kept on ${tip}, where the line was, got ${base}.`];
    });
    if (line !== undefined && line !== event.from)
      problems.push(
        `Expected ${eventPath(index, 'moved')} to move the line from ${line}, where it was, got ${event.from}.`,
      );
    return problems.map((problem) => ({ check: 'events', problem }) as const);
  });
}

/** results.tsv is what the records give. With a record that cannot be read there is nothing to compare it with. */
export function checkTable({ records, table, unreadable }: LedgerContents): Finding[] {
  if (unreadable.some(({ path }) => path.startsWith('experiments/') || path === 'results.tsv')) return [];
  if (table === null && records.length === 0) return []; // begun with the first record
  if (table === null) return [{ check: 'table', problem: 'Expected results.tsv to be there, got nothing.' }];
  const [expected, found] = [resultsTsv(records).split('\n'), table.split('\n')];
  const longer = expected.length > found.length ? expected : found;
  const at = longer.findIndex((_, k) => expected[k] !== found[k]);
  if (at === -1) return [];
  const problem = `Expected line ${at + 1} of results.tsv to be ${show(expected[at])}, as the records have it, got ${show(found[at])}.`;
  return [{ check: 'table', problem }];
}

/** Each entry follows one other and adds to it; the opening is the first, and after an end comes nothing but a continuation. */
export function checkChain(chain: readonly ChainEntry[], tag: string): Finding[] {
  const root = chain.at(-1);
  const late = afterEnds(chain.toReversed().map(added));
  const problems = chain.flatMap((entry) => [
    ...(entry.parents.length === (entry === root ? 0 : 1)
      ? []
      : [`Expected ${ledgerRef(tag)} to be one chain, got ${entry.commit} with ${entry.parents.length} parents.`]),
    ...rewritten(entry),
  ]);
  if (root !== undefined && !added(root).includes(eventPath(0, 'open')))
    problems.push(
      `Expected the ledger's first commit to bring ${eventPath(0, 'open')}, got ${root.commit} without it.`,
    );
  if (late.length > 0) problems.push(`Expected nothing to be written after the session's end, got ${late.join(', ')}.`);
  return problems.map((problem) => ({ check: 'chain', problem }));
}

const ENDS_AND_GOES_ON: ReadonlySet<string> = new Set(['end', 'continued']);

/** The table is made anew with each record; all else is written once. */
const isWrittenOnce = ({ path }: { readonly path: string }): boolean => path !== 'results.tsv';

const added = ({ changes }: ChainEntry): readonly string[] =>
  changes.filter((change) => change.kind === 'A' && isWrittenOnce(change)).map(({ path }) => path);

const rewritten = ({ commit, changes }: ChainEntry): readonly string[] =>
  changes
    .filter((change) => change.kind !== 'A' && isWrittenOnce(change))
    .map(({ kind, path }) => {
      const deed = kind === 'D' ? 'removed' : 'changed';
      return `Expected ${path} to stay as it was written, but ${commit} in the ledger's chain ${deed} it.`;
    });

/** What came after an end although the session was not continued; `entries` are the added paths, the oldest first. */
function afterEnds(entries: readonly (readonly string[])[]): string[] {
  const late: string[] = [];
  let hasEnded = false;
  for (const paths of entries) {
    if (paths.some((path) => /^events\/\d+-continued\.json$/.test(path))) hasEnded = false;
    if (hasEnded) late.push(...paths);
    if (paths.some((path) => /^events\/\d+-end\.json$/.test(path))) hasEnded = true;
  }
  return late;
}

/** The runs of numbers that are missing, each with the number that shows it. */
function gapsIn(numbers: readonly number[], first: number): { from: number; to: number; before: number }[] {
  return numbers.flatMap((before, k) => {
    const from = (numbers[k - 1] ?? first - 1) + 1;
    return from < before ? [{ from, to: before - 1, before }] : [];
  });
}

const range = (noun: string, from: number, to: number): string =>
  from === to ? `${noun} ${from}` : `each of ${noun}s ${from} to ${to}`;

/** Enough of a line to find it. */
const LINE_LENGTH = 100;

const show = (line: string | undefined): string =>
  line === undefined ? 'the end' : JSON.stringify(line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line);
