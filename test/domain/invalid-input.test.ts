import { expect, it } from 'vitest';
import { z } from 'zod';
import { InvalidInput, parse } from '../../src/domain/invalid-input.ts';
import { sessionInputSchema } from '../../src/domain/session.ts';

const problems = (value: unknown): readonly string[] => {
  try {
    parse(sessionInputSchema, value, 'the session input');
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
};

it('names every mistake at once: field, what was expected, what came', () => {
  const mistakes = { trialSeconds: 0, experiments: 'ten', colour: 1, rule: 'bold', hours: Number.NaN };
  expect(problems(mistakes).toSorted()).toEqual([
    'Expected `experiments` to be a number, got "ten".',
    'Expected `hours` to be a number, got NaN.',
    'Expected `rule` to be one of default, fast, strict, greedy; got "bold".',
    'Expected `trialSeconds` to be at least 0.1, got 0.',
    expect.stringMatching(/^Unknown option `colour` in the session input. Expected one of `\w+`(, `\w+`)+\.$/),
  ]);
});

it.each([
  [{ experiments: 1.5 }, 'Expected `experiments` to be a whole number, got 1.5.'],
  [{ experiments: Number.POSITIVE_INFINITY }, 'Expected `experiments`'],
  [{ hours: -1 }, 'Expected `hours` to be above 0, got -1.'],
  [{ tag: '   ' }, 'Expected `tag` to be at least 1 characters long'],
  [{ seed: 2 ** 40 }, 'Expected `seed` to be at most'],
  ['{}', 'Expected the session input to be a mapping, got "{}".'],
  [[], 'Expected the session input to be a mapping, got [].'],
])('refuses %j', (value, sentence) => {
  expect(problems(value).join('\n')).toContain(sentence);
});

it('lists what is known for an unknown key, what was probably meant first, at any depth', () => {
  expect(problems({ experimets: 3 })[0]).toMatch(/Expected one of `experiments`, .*`hours`/);
  const schema = z.strictObject({ checks: z.array(z.strictObject({ name: z.string(), run: z.string() })).default([]) });
  expect(() => parse(schema, { checks: [{ name: 'a', run: 'b', rum: 'c' }] }, 'it')).toThrow(
    'Unknown option `checks.0.rum` in it. Expected one of `run`, `name`.',
  );
});

it('accepts no option and every option', () => {
  expect(problems({})).toEqual([]);
  expect(
    problems({ experiments: 3, hours: 0.5, trialSeconds: 2, lookahead: 0, seed: 7, push: 'none', rule: 'greedy' }),
  ).toEqual([]);
});
