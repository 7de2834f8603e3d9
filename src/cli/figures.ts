// Numbers, times and tables as people read them. Every text that a model or a training wrote passes through `plain`
// before it reaches a terminal.
import type { Belief } from '../domain/belief.ts';

/** A number with so many significant digits; never exponents for ordinary sizes. */
export function figure(value: number, digits = 5): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-5) return value.toExponential(digits - 1);
  return size >= 10 ** (digits - 1) ? String(Math.round(value)) : value.toPrecision(digits);
}

/** A gain: three digits, the sign always there. */
export const gainFigure = (gain: number): string => (gain > 0 ? `+${figure(gain, 3)}` : figure(gain, 3));

/** A value with its standard error; without one, in so many words. */
export function withError(belief: Pick<Belief, 'value' | 'stderr'>): string {
  return belief.stderr === null
    ? `${figure(belief.value)} (error unknown)`
    : `${figure(belief.value)} ± ${figure(belief.stderr, 2)}`;
}

/** `1 trial`, `2 trials`. */
export const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A length of time: `6 s`, `4 min`, `1 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 1) return '0 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** A moment on this machine's clock: `20:14` today, else `2025-11-23 20:14`. */
export function clock(iso: string, now: number): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A text on one line without anything that could steer a terminal. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();

/** A text of several lines without anything that could steer a terminal. */
export const plainLines = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, '');

/** The beginning of a text, at most so wide. */
export function fit(text: string, width: number): string {
  const letters = Array.from(text);
  if (letters.length <= width) return text;
  return width < 1 ? '' : `${letters.slice(0, width - 1).join('')}…`;
}

/** A text broken between words into lines of at most so many columns; longer words are broken too. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((whole) => pieces(whole, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

const pieces = (word: string, width: number): string[] =>
  Array.from({ length: Math.max(1, Math.ceil(word.length / width)) }, (_, k) => word.slice(k * width, (k + 1) * width));

/** Lines of `name  text`, without empty texts. A text that is too long goes on below itself, or as `layOut` has it. */
export function facts(
  rows: readonly (readonly [string, string])[],
  columns: number,
  layOut: (text: string, width: number) => string[] = wrap,
): string[] {
  const shown = rows.filter(([, text]) => text !== '');
  const width = Math.max(...shown.map(([name]) => name.length)) + 2;
  return shown.flatMap(([name, text]) =>
    layOut(plain(text), columns - width).map((part, k) => `${(k === 0 ? name : '').padEnd(width)}${part}`),
  );
}

/** What a column is not narrowed below: less says nothing. */
const NARROWEST = 8;

/** A table whose last column, then whichever is widest, gives way where the lines would be longer than `columns`. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], columns: number): string[] {
  const cells = rows.map((row) => row.map(plain));
  const last = header.length - 1;
  const widths = header.map((name, k) => Math.max(name.length, ...cells.map((row) => Array.from(row[k] ?? '').length)));
  const before = () => widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  const least = Math.min(widths[last] ?? 0, NARROWEST);
  while (columns - before() < least) {
    const widest = Math.max(...widths.slice(0, last));
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  const room = Math.max(least, columns - before());
  return [header, ...cells].map((row) =>
    row
      .map((cell, k) => (k === last ? fit(cell, room) : fit(cell, widths[k] ?? 0).padEnd(widths[k] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
