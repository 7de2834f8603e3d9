import type { z } from 'zod';
import { knownKeys } from './known-keys.ts';

/** A caller's mistake: thrown when input from outside cannot be used; `problems` has one sentence for each mistake. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly problems: readonly string[];

  constructor(problems: string | readonly string[]) {
    const list = typeof problems === 'string' ? [problems] : problems;
    super(list.join('\n'));
    this.problems = list;
  }
}

/**
 * Parses outside data, or throws one `InvalidInput` that names every mistake with its path.
 * `what` names the thing parsed ("task file autoresearch.yaml"); it opens each sentence that has no path of its own.
 */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new InvalidInput(result.error.issues.flatMap((issue) => sentences(issue, what, schema)));
}

function sentences(issue: z.core.$ZodIssue, what: string, schema: z.ZodType): string[] {
  const path = issue.path.map(String).join('.');
  const subject = path === '' ? what : `\`${path}\``;
  const got = `got ${show(issue.input)}`;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const full = path === '' ? key : `${path}.${key}`;
        const known = knownKeys(schema, issue.path, key).map((one) => `\`${one}\``);
        return `Unknown option \`${full}\` in ${what}. Expected one of ${known.join(', ')}.`;
      });
    case 'too_small':
      return [
        `Expected ${subject} to be ${issue.inclusive === false ? 'above' : 'at least'} ${bound(issue.origin, issue.minimum)}, ${got}.`,
      ];
    case 'too_big':
      return [
        `Expected ${subject} to be ${issue.inclusive === false ? 'below' : 'at most'} ${bound(issue.origin, issue.maximum)}, ${got}.`,
      ];
    case 'invalid_type':
      return [`Expected ${subject} to be ${article(issue.expected)}, ${got}.`];
    case 'invalid_value':
      return [`Expected ${subject} to be one of ${issue.values.map(String).join(', ')}; ${got}.`];
    default:
      return [`Expected ${subject} to be ${issue.message}, ${got}.`];
  }
}

function bound(origin: string, limit: number | bigint): string {
  if (origin === 'string') return `${limit} characters long`;
  if (origin === 'array') return `${limit} entries long`;
  return String(limit);
}

function article(expected: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
  };
  return names[expected] ?? expected;
}

function show(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (typeof input === 'number') return String(input);
  const text = JSON.stringify(input) ?? typeof input;
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
