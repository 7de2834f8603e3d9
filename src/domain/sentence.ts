/** What to do about a failure that a task or its machine may be to blame for: a session's commit stays as it began. */
export const MEND =
  'If this machine is at fault, mend it and resume; if the task is, stop this session, commit the change and start another.';

/** What somebody else said, as a sentence that another may follow: `exited with code 1` becomes `exited with code 1.` */
export function sentence(text: string): string {
  const words = text.trim();
  return /[.!?…]$/.test(words) ? words : `${words}.`;
}

/** A number as sentences have it: so many significant digits, no zeros behind them. */
export const figure = (value: number, digits = 3): string => String(Number(value.toPrecision(digits)));

const LONGEST_COMMAND = 80;

/** A command as sentences name it: the last of its lines, which the others prepare. */
export function inShort(command: string): string {
  const last = command.trim().split('\n').at(-1)?.trim() ?? '';
  return `\`${last.length > LONGEST_COMMAND ? `${last.slice(0, LONGEST_COMMAND)}…` : last}\``;
}
