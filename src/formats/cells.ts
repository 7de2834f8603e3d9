// Cells of other programs' tables: text as they wrote it, read where a number is wanted, and written as they write.

/** A finite decimal number; undefined for anything else. */
export function numberIn(text: string): number | undefined {
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** A number with so many decimals; one that they would make a zero keeps its digits, because zero means "none" there. */
export function decimals(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return value !== 0 && Number(text) === 0 ? String(value) : text;
}

/** A text in one cell of one line. */
export const inOneCell = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** The commit that a text names; null where it is none. */
export const commitIn = (text: string): string | null => (/^[0-9a-f]{7,40}$/.test(text) ? text : null);

/** The unit that a metric's name ends with, as these programs name metrics; empty where it does not. */
export function unitOf(metric: string): string {
  const unit = /(µs|_ms|_sec|_s|_kb|_mb)$/.exec(metric)?.[1] ?? '';
  return unit === '_sec' ? 's' : unit.replace('_', '');
}
