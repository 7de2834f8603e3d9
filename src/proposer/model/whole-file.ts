// A file written anew as the passage of it that changed, so that the edit can still be applied when its base has moved.
import type { Edit } from '../../domain/experiment.ts';

/** One `replace` that turns `before` into `after`, around what differs, with lines about it until it occurs once. */
export function editBetween(file: string, before: string, after: string): Edit[] {
  if (before === after) return [];
  const [was, is] = [lines(before), lines(after)];
  let from = 0;
  while (from < was.length && from < is.length && was[from] === is[from]) from++;
  let end = 0;
  while (end < was.length - from && end < is.length - from && was[was.length - 1 - end] === is[is.length - 1 - end])
    end++;
  for (;;) {
    const search = was.slice(from, was.length - end).join('');
    if (occursOnce(before, search))
      return [{ op: 'replace', file, search, replace: is.slice(from, is.length - end).join('') }];
    if (from === 0 && end === 0) return []; // an empty file has no passage
    from = Math.max(0, from - 1);
    end = Math.max(0, end - 1);
  }
}

/** Each with its end of line. */
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const occursOnce = (text: string, search: string): boolean =>
  search !== '' && text.indexOf(search) === text.lastIndexOf(search);
