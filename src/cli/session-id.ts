// The ids that `start` gives to sessions: `<task>-<mmmdd>[-k]`, fit for a ref as they are.
import { InvalidInput } from '../domain/invalid-input.ts';
import { tagFrom } from '../domain/names.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const NAME_LENGTH = 60;

/** The first free id of this task on this day; `taken` holds the ids and tags that there are. */
export function nextSessionId(task: string, day: Date, taken: ReadonlySet<string>): string {
  const date = `${MONTHS[day.getMonth()] ?? ''}${String(day.getDate()).padStart(2, '0')}`;
  const id = `${fitForRef(task)}-${date}`;
  if (!taken.has(id)) return id;
  for (let k = 2; ; k++) if (!taken.has(`${id}-${k}`)) return `${id}-${k}`;
}

/** Checks an id that a person chose: it must stand in a ref as it is. Throws `InvalidInput`. */
export function checkSessionId(id: string): string {
  if (tagFrom(id) === id) return id;
  throw new InvalidInput(
    `Expected \`--id\` to be 1 to 80 letters, digits, "-", "_" or ".", starting with a letter or digit, got ${JSON.stringify(id)}.`,
  );
}

function fitForRef(task: string): string {
  const fit = task
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, NAME_LENGTH);
  return fit === '' ? 'session' : fit;
}
