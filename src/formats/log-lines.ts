// Logs of other programs, line by line. A line that is not what it should be is named with its number, all of them at
// once; nothing is skipped and nothing is guessed.
import { InvalidInput } from '../domain/invalid-input.ts';

/** A line that is not blank; numbers count from 1, as editors do. */
export interface LogLine {
  readonly number: number;
  readonly text: string;
}

/** A person mends the first of them and tries again; a whole screen of one mistake says no more. */
const MOST_PROBLEMS = 50;

/** The lines of a text, without what ends them, the blank ones left out. */
export function linesOf(text: string): LogLine[] {
  return text
    .split('\n')
    .map((line, k) => ({ number: k + 1, text: line.replace(/\r$/, '') }))
    .filter((line) => line.text.trim() !== '');
}

/** What `read` makes of each line; throws `InvalidInput` with the mistakes of all lines, each with its line's number. */
export function readEach<Row>(lines: readonly LogLine[], read: (line: LogLine) => Row): Row[] {
  const problems: string[] = [];
  const rows = lines.flatMap((line) => {
    try {
      return [read(line)];
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      problems.push(...error.problems.map((problem) => `Line ${line.number}: ${problem}`));
      return [];
    }
  });
  if (problems.length === 0) return rows;
  const rest = problems.length - MOST_PROBLEMS;
  throw new InvalidInput([...problems.slice(0, MOST_PROBLEMS), ...(rest > 0 ? [`And ${rest} more like these.`] : [])]);
}

/** Throws all the problems that there are. */
export function needNone(problems: readonly (string | false)[]): void {
  const found = problems.filter((problem) => problem !== false);
  if (found.length > 0) throw new InvalidInput(found);
}
