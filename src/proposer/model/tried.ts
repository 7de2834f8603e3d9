// What was tried, as a prompt has it: a line for each experiment, in blocks that stay as they are, so that they are paid for
// once; the oldest blocks go where there are too many.
import { asData } from './as-data.ts';
import type { PromptTry } from './prompt-request.ts';

/** Lines of history stand in blocks of so many: a full one never changes again. */
const BLOCK = 20;
/** More lines than this are only counted: the oldest say least. */
const MOST_TRIED = 300;

/** Whole blocks of lines, which stay as they are, and the lines of the last; in at most so many letters. */
export function tried(history: readonly PromptTry[], room: number): { readonly full: string[]; readonly rest: string } {
  const all = history.map(
    ({ experiment, verdict, hypothesis, outcome }) => `${experiment} · ${verdict} · ${hypothesis} · ${outcome}`,
  );
  const skipped = leftOut(all, room);
  const [first = '', ...others] = blocksOf(all.slice(skipped));
  const untold = skipped === 0 ? '' : `; the first ${skipped} are left out`;
  if (first === '')
    return {
      full: [],
      rest: skipped === 0 ? 'Nothing was tried yet.' : `What was tried is left out: ${skipped} experiments.`,
    };
  const blocks = [
    `# What was tried, oldest first: number · verdict · hypothesis · outcome${untold}\n${first}`,
    ...others,
  ];
  const isFull = (all.length - skipped) % BLOCK === 0;
  return isFull ? { full: blocks, rest: '' } : { full: blocks.slice(0, -1), rest: blocks.at(-1) ?? '' };
}

function blocksOf(lines: readonly string[]): string[] {
  const blocks: string[] = [];
  for (let at = 0; at < lines.length; at += BLOCK) blocks.push(asData('tried', lines.slice(at, at + BLOCK).join('\n')));
  return blocks;
}

/** How many of the oldest lines go: whole blocks, or every further line would move all that follow. */
function leftOut(lines: readonly string[], room: number): number {
  let skipped = Math.max(0, Math.ceil((lines.length - MOST_TRIED) / BLOCK) * BLOCK);
  while (skipped < lines.length && blocksOf(lines.slice(skipped)).join('\n').length > room) skipped += BLOCK;
  return Math.min(skipped, lines.length);
}
