import { expect, it } from 'vitest';
import { costOf, pricesIn } from '../../../src/proposer/model/price.ts';

const usage = { input: 1e6, cached: 1e6, written: 1e6, output: 1e6 };

it('counts what was read anew, read from the cache, written into it, and answered', () => {
  expect(costOf(usage, { input: 10, output: 50 })).toBeCloseTo(10 + 1 + 12.5 + 50);
  expect(costOf(usage, { input: 10, output: 50, cached: 0.2 })).toBeCloseTo(10 + 0.2 + 12.5 + 50);
  expect(costOf({ ...usage, written: 0, writtenForHour: 1e6 }, { input: 10, output: 50 })).toBeCloseTo(
    10 + 1 + 20 + 50,
  );
  expect(costOf({ ...usage, writtenForHour: 1e6 }, { input: 0, output: 0, writtenForHour: 3 })).toBeCloseTo(3);
  expect(costOf(usage, null)).toBeNull();
});

it('goes by the name, with or without a date, a person’s prices first, and knows what it does not know', () => {
  const prices = pricesIn({
    AUTORESEARCH_PRICES: '{"claude-haiku-4-5": {"input": 2, "output": 4}, "my": {"input": 0, "output": 0}}',
  });
  expect(prices('claude-haiku-4-5-20251001')).toEqual({ input: 2, output: 4 });
  expect(prices('my')).toEqual({ input: 0, output: 0 });
  expect(prices('my-own')).toBeNull();
  expect(prices('claude-sonnet-5-9')).toBeNull();
  expect(prices('claude-sonnet-5-20260630')).toEqual({ input: 2, output: 10 });
  expect(prices('another')).toBeNull();
});

it.each(['{', '{"x": 3}', '{"x": {"input": "3", "output": 1}}', '{"x": {"input": -1, "output": 1}}'])(
  'refuses %s',
  (text) => {
    expect(() => pricesIn({ AUTORESEARCH_PRICES: text })).toThrow(/Expected AUTORESEARCH_PRICES to be JSON such as/);
  },
);
