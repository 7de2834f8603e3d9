// Splits Python source into logical lines: a bracket, a backslash or a triple-quoted string joins physical ones.
// A lexer and no parser: enough to know which `=` is a statement at module level and which stands in a docstring.

/** A logical line. Offsets are into the source. */
export interface LogicalLine {
  /** Where its first character that is no white space stands. */
  readonly start: number;
  /** Behind the last character of its code, trailing white space left out. */
  readonly end: number;
  readonly indented: boolean;
  /** From the `#` that ends the line, `#` included; empty when there is none. */
  readonly comment: string;
}

/** The length of the string literal at `offset`, quotes included; 0 when none starts there. Ends at the file's end if never closed. */
export function stringLength(source: string, offset: number): number {
  const quote = source[offset];
  if (quote !== '"' && quote !== "'") return 0;
  const triple = source.startsWith(quote.repeat(3), offset);
  const close = triple ? quote.repeat(3) : quote;
  let at = offset + close.length;
  while (at < source.length) {
    if (source.startsWith(close, at)) return at + close.length - offset;
    if (!triple && source[at] === '\n') break; // not valid Python; the line ends the damage
    at += source[at] === '\\' ? 2 : 1;
  }
  return Math.min(at, source.length) - offset;
}

/** The length of the comment at `offset`, line end left out; 0 when none starts there. */
export function commentLength(source: string, offset: number): number {
  if (source[offset] !== '#') return 0;
  const newline = source.indexOf('\n', offset);
  const end = newline === -1 ? source.length : newline;
  return (source[end - 1] === '\r' ? end - 1 : end) - offset;
}

/** The logical lines that hold code, in order. */
export function readLogicalLines(source: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  const first = source.startsWith('\uFEFF') ? 1 : 0;
  let [lineStart, start, end, depth, comment] = [first, -1, first, 0, ''];
  for (let at = first; at <= source.length;) {
    const character = source[at];
    if (character === undefined || (character === '\n' && depth === 0)) {
      if (start !== -1) lines.push({ start, end, indented: start > lineStart, comment });
      [lineStart, start, comment] = [at + 1, -1, ''];
      at += 1;
      continue;
    }
    const commented = commentLength(source, at);
    if (commented > 0) {
      if (depth === 0) comment = source.slice(at, at + commented);
      at += commented;
      continue;
    }
    const length = tokenLength(source, at);
    if (!/\s/.test(character)) {
      if (start === -1) start = at;
      end = at + length;
      depth = Math.max(0, depth + depthChange(character));
    }
    at += length;
  }
  return lines;
}

/** A string or a continued line's end is one token, else one character. */
function tokenLength(source: string, at: number): number {
  if (source[at] === '\\') return source.startsWith('\r\n', at + 1) ? 3 : 2;
  return stringLength(source, at) || 1;
}

function depthChange(character: string): number {
  if ('([{'.includes(character)) return 1;
  return ')]}'.includes(character) ? -1 : 0;
}
