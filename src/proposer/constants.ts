// The module-level constants of a Python file: `NAME = literal`, annotated or not, each in a statement of its own.
// Only the value's span is ever written, so that comments, spacing and line ends stay byte for byte.
import { readLiteral, type Literal } from './python-literal.ts';
import { readLogicalLines, type LogicalLine } from '../domain/python-lines.ts';

/** A constant and where its value stands in the file. */
export interface Constant {
  readonly name: string;
  readonly literal: Literal;
  /** The value as it is written, source[start, end). */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The comment that ends its line, `#` included; else empty. */
  readonly comment: string;
}

const ASSIGNMENT = /^([A-Za-z]\w*)\s*(?::[^=\n]+)?=(?!=)\s*/;
const REBINDING =
  /^(?:global\s+|nonlocal\s+|for\s+)?([A-Za-z]\w*)\s*(?::[^=\n]+)?(?:(?:[-+*/%@&|^]|\*\*|\/\/|<<|>>)?=(?!=)|in\b|,|$)/;

/**
 * Every constant of `source` whose name is bound once in it: what is assigned again is state, not a constant. A name in
 * capitals counts as bound at module level alone, because fields and local names repeat it without harm.
 */
export function readConstants(source: string): Constant[] {
  const lines = readLogicalLines(source);
  const bound = new Map<string, number>();
  for (const line of lines) {
    const name = REBINDING.exec(source.slice(line.start, line.end))?.[1];
    const counts = name !== undefined && !(line.indented && name === name.toUpperCase());
    if (counts) bound.set(name, (bound.get(name) ?? 0) + 1);
  }
  const constants = lines.filter((line) => !line.indented).map((line) => readConstant(source, line));
  return constants.filter((constant) => constant !== null).filter(({ name }) => bound.get(name) === 1);
}

function readConstant(source: string, line: LogicalLine): Constant | null {
  const match = ASSIGNMENT.exec(source.slice(line.start, line.end));
  const name = match?.[1];
  if (match === null || name === undefined) return null;
  const start = line.start + match[0].length;
  const literal = readLiteral(source, start, line.end);
  if (literal === null) return null;
  return { name, literal, text: source.slice(start, line.end), start, end: line.end, comment: line.comment };
}
