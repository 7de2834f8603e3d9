// A task file that is no task by itself: what it says stands over the task that is derived from another program's
// project.

/** A mapping as YAML and JSON have it. */
export type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What no task can do without. */
const NEEDED = [['name'], ['editable'], ['train', 'run'], ['metric', 'name']] as const;

/** Whether a task file leaves out what a task needs; what is no mapping is no task file at all. */
export function isPartial(said: unknown): said is Mapping {
  return isMapping(said) && NEEDED.some((path) => valueAt(said, path) === undefined);
}

const valueAt = (said: unknown, [key, ...rest]: readonly string[]): unknown =>
  key === undefined ? said : isMapping(said) ? valueAt(said[key], rest) : undefined;

/** A mapping with another over it, key by key; lists are replaced as a whole, and null takes a key out. */
export function overlay(under: Mapping, over: Mapping): Mapping {
  const said = Object.entries(over).map(([key, value]): [string, unknown] => {
    const below = under[key];
    return [key, isMapping(value) ? overlay(isMapping(below) ? below : {}, value) : value];
  });
  const both = { ...under, ...Object.fromEntries(said) };
  return Object.fromEntries(Object.entries(both).filter(([, value]) => value !== null));
}
