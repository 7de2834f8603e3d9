// Whether an idea is nearly one that was tried: by the words of its hypothesis and of the lines that it changes. Copies are
// found by tree and form (twin.ts); this is for the same thing said a little differently.
import type { Edit } from '../../domain/experiment.ts';

/** An idea as words. */
export interface Idea {
  readonly hypothesis: string;
  readonly edit: readonly Edit[];
}

/** Characters of a reason why it should come out otherwise; less says nothing. */
export const LEAST_REASON = 20;
/**
 * From here on two ideas count as nearly the same: the share of pairs of neighbouring words that both have (A. Broder,
 * "On the resemblance and containment of documents", 1997). Other numbers make another idea, however alike the words are.
 */
const NEAR = 0.7;
/** To compare more than this takes seconds; no gate lets it through. */
const MOST_LETTERS = 256 * 1024;

/** The tried idea that is most like this one, where it is nearly the same. */
export function nearRepeatOf<T extends Idea>(idea: Idea, tried: readonly T[]): T | undefined {
  if (tried.length === 0 || lettersOf(idea) > MOST_LETTERS) return undefined;
  const [own, numbers] = [shingles(idea), numbersOf(idea)];
  let [best, most]: [T | undefined, number] = [undefined, NEAR];
  for (const other of tried) {
    if (numbersOf(other) !== numbers) continue;
    const alike = resemblance(own, shingles(other));
    if (alike >= most) [best, most] = [other, alike];
  }
  return best;
}

const lettersOf = ({ edit }: Idea): number => JSON.stringify(edit).length;

function resemblance(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = [...a].filter((shingle) => b.has(shingle)).length;
  return both / Math.max(1, a.size + b.size - both);
}

/** Pairs of neighbouring words of each line, so that what stands on other lines does not matter. */
function shingles({ hypothesis, edit }: Idea): Set<string> {
  return new Set([hypothesis, ...edit.flatMap(changedLines)].flatMap(pairs));
}

function changedLines(edit: Edit): string[] {
  if (edit.op === 'set') return [`${edit.file} ${edit.name} = ${edit.value}`];
  const [before, after] = [edit.search.split('\n'), edit.replace.split('\n')];
  const [was, is] = [new Set(before), new Set(after)];
  const gone = before.filter((line) => !is.has(line)).map((line) => `- ${line}`);
  return [...gone, ...after.filter((line) => !was.has(line)).map((line) => `+ ${line}`)];
}

/** The numbers that stand in what it writes, in their order. */
function numbersOf({ edit }: Idea): string {
  const lines = edit.flatMap(changedLines).filter((line) => !line.startsWith('- '));
  return lines.flatMap(wordsOf).filter(isNumber).join();
}

const isNumber = (word: string): boolean => word.trim() !== '' && Number.isFinite(Number(word));

/** In small letters, each number as its value: 0.10 is 0.1. */
function wordsOf(line: string): string[] {
  const words = line.toLowerCase().match(/\d[\d_.]*(?:e[-+]?\d+)?|[\p{L}\d_.]+|[^\s\p{L}\d_.]/gu) ?? [];
  return words.map((word) => (isNumber(word.replaceAll('_', '')) ? String(Number(word.replaceAll('_', ''))) : word));
}

function pairs(line: string): string[] {
  const words = wordsOf(line);
  if (words.length < 2) return words;
  return words.slice(1).map((word, index) => `${words[index] ?? ''} ${word}`);
}
