// One JSON object in a line. JSON lets a name stand twice, of which readers then silently take the last.
import { InvalidInput } from '../domain/invalid-input.ts';
import { isMetricName } from '../domain/metric.ts';
import { NAME_OF_METRIC } from '../domain/task.ts';
import { needNone } from './log-lines.ts';

/** The object that a line holds; throws `InvalidInput` where it is none, or says one thing twice. */
export function objectIn(text: string): Readonly<Record<string, unknown>> {
  const value = parsed(text);
  if (!isObject(value)) throw new InvalidInput(`Expected a JSON object, got ${JSON.stringify(text.slice(0, 60))}.`);
  // What these programs write says nothing twice, or it would be shorter when written again: a look at that is cheaper.
  if (JSON.stringify(value) === text && !text.includes('"__proto__"')) return value;
  const names = namesOf(text);
  needNone([
    names.length !== namesIn(value) && 'Expected each name to stand in an object once, got one twice.',
    names.includes('__proto__') && 'Expected no name `__proto__`, got one.',
  ]);
  return value;
}

/** Throws `InvalidInput` for what cannot be called a metric. */
export function needMetricNames(names: readonly string[]): void {
  needNone(
    names.map(
      (name) => !isMetricName(name) && `Expected a metric to have ${NAME_OF_METRIC}; got ${JSON.stringify(name)}.`,
    ),
  );
}

/** The names of all objects in a text that is JSON, each as often as it stands there. */
function namesOf(text: string): string[] {
  const strings = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?/g) ?? [];
  return strings.flatMap((string) => {
    if (!string.endsWith(':')) return [];
    const name = string.slice(0, string.lastIndexOf('"') + 1);
    return [name.includes('\\') ? String(JSON.parse(name)) : name.slice(1, -1)];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function namesIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one: unknown) => sum + namesIn(one), 0);
  if (!isObject(value)) return 0;
  let sum = 0;
  for (const one of Object.values(value)) sum += 1 + (typeof one === 'object' ? namesIn(one) : 0);
  return sum;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
