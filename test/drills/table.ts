// What a drill found, one line for each promise.

/** One promise, what was found, and whether it held. */
export type Row = readonly [name: string, found: string, ok: boolean];

/** A promise that something never happens. */
export const none = (name: string, list: readonly (string | number)[]): Row => [
  name,
  list.length === 0 ? '0' : `${list.length}: ${list.join(', ')}`,
  list.length === 0,
];

/** Prints the rows to stdout; true when every promise held. */
export function printRows(rows: readonly Row[]): boolean {
  for (const [name, found, ok] of rows) process.stdout.write(`${ok ? 'ok ' : 'BAD'} ${name}: ${found}\n`);
  return rows.every(([, , ok]) => ok);
}
