import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { positionOf, valueAt } from '../../src/proposer/axis.ts';
import { literalAt } from '../../src/proposer/candidate-edit.ts';
import { readLiteral } from '../../src/proposer/python-literal.ts';
import { readSearchSpace, type Parameter } from '../../src/proposer/search-space.ts';

function spaceOf(source: string): Parameter[] {
  return readSearchSpace({ 'train.py': source });
}

function choicesOf(source: string): (readonly string[])[] {
  return spaceOf(source).flatMap((own) => (own.kind === 'choice' ? [own.choices] : []));
}

/** The literal some steps away from where the parameter stands. */
function moved(parameter: Parameter | undefined, steps: number): string {
  if (parameter?.kind !== 'number') throw new Error('Expected a number.');
  return literalAt(parameter, positionOf(parameter.axis, parameter.literal.value) + steps * parameter.axis.step);
}

describe('without comments', () => {
  test('never touches seeds, budgets, paths and what evaluation needs', () => {
    const source = [
      'SEED = 42',
      'TIME_BUDGET = 300',
      'EVAL_TOKENS = 1000',
      'FINAL_EVAL_BATCH_SIZE = 256',
      'LOG_EVERY = 10',
      'DATA_DIR = "data"',
      'VOCAB_SIZE = 8192',
      'MAX_STEPS = 1000',
      'NUM_EPOCHS = 3',
      'PEAK_FLOPS = 989.5e12',
      'WINDOW = -1',
      'PATTERN = "SSL"',
      'ADAM_EPS = 1e-8',
      'DEPTH = 8',
    ];
    expect(spaceOf(source.join('\n')).map(({ name }) => name)).toEqual(['DEPTH']);
  });

  test.each([
    ['RATE = 0.04', 1, '0.1'],
    ['RATE = 1e-3', 1, '2.5e-3'],
    ['TOKENS = 2**19', -1, '2**18'],
    ['TOKENS = 2 ** 19', 1, '2 ** 20'],
    ['TOKENS = 524_288', 1, '1_048_576'],
    ['BATCH_SIZE = 64', 1, '128'],
    ['DEPTH = 8', 0.5, '11'],
    ['WIDTH = 768', 0.5, '1024'],
    ['BETA2 = 0.95', 1, '0.98'],
    ['BETA2 = 0.999', -1, '0.9975'],
    ['DROPOUT = 0.1', -9, '0.0'],
    ['WARMUP_RATIO = 0.0', 1, '0.025'],
    ['WARMDOWN_RATIO = 0.5', 1, '0.75'],
    ['WEIGHT_DECAY = 0.2', -9, '0.0'],
    ['SCALE = 15.0', -9, '1.5'],
  ])('%s moves by %d steps to %s', (source, steps, expected) => {
    expect(moved(spaceOf(source)[0], steps)).toBe(expected);
  });

  test('makes each number of a tuple a parameter, and a boolean a choice', () => {
    const space = spaceOf('ADAM_BETAS = (0.8, 0.95)\nTIE = False\n');
    expect(space.map(({ key, kind }) => [key, kind])).toEqual([
      ['train.py:ADAM_BETAS[0]', 'number'],
      ['train.py:ADAM_BETAS[1]', 'number'],
      ['train.py:TIE', 'choice'],
    ]);
  });

  test('reads lower-case constants only where there are none in capitals', () => {
    expect(spaceOf('n_layer = 12\ndropout = 0.0\n').map(({ name }) => name)).toEqual(['n_layer', 'dropout']);
    expect(spaceOf('DEPTH = 12\nsmooth_loss = 0.0\n').map(({ name }) => name)).toEqual(['DEPTH']);
  });

  test('reads Python files only', () => {
    expect(readSearchSpace({ 'notes.md': 'DEPTH = 4\n' })).toEqual([]);
  });
});

describe('with a comment', () => {
  test.each([
    ['A = 0.01 # search: 1e-4..1e-1 log', 1e-4, 1e-1],
    ['A = 0.01 # about  # search: 0.005 .. 0.02', 0.005, 0.02],
    ['A = 8 # search: 2..32', 2, 32],
    ['A = 128 # search: 32..1024 log', 32, 1024],
    ['A = 0.9 # search: 0.5..0.98', 0.5, 0.98],
    ['A = 0.0 # search: 0..0.2', 0, 0.2],
    ['A = 0.5 # search: 1e-3..1e-2', 1e-3, 1e-2],
    ['SEED = 7 # search: 1..9', 1, 9],
  ])('%s stays in its range', (source, low, high) => {
    const parameter = spaceOf(source)[0];
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (steps) => {
        const value = Number(moved(parameter, steps));
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
      }),
    );
    expect([moved(parameter, -1000), moved(parameter, 1000)].map(Number)).toEqual([low, high]);
  });

  test('takes choices as they are written, and bare words as strings', () => {
    expect(choicesOf('A = "x" # search: "x", "y"')).toEqual([['"x"', '"y"']]);
    expect(choicesOf("A = 'x' # search: x, y")).toEqual([["'x'", '"y"']]);
    expect(choicesOf('A = 4 # search: 2, 4, 8')).toEqual([['2', '4', '8']]);
  });

  test.each(['off', '3..1', '-1..1 log', 'a lot', '1..', 'x, y'])(
    'leaves a constant alone whose comment says %s',
    (text) => {
      expect(spaceOf(`A = 4 # search: ${text}`)).toEqual([]);
    },
  );
});

test('every value that can be written is a literal of the same type', () => {
  const sources = [
    'A = 3',
    'A = 1_000',
    'A = 2**9',
    'A = 0.3',
    'A = 1e-4',
    'BETA = 0.99',
    'A = 0',
    'DROPOUT = 0.0',
    'A = 96',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...sources), fc.double({ min: -20, max: 20, noNaN: true }), (source, steps) => {
      const parameter = spaceOf(source)[0];
      const literal = readLiteral(moved(parameter, steps));
      const before = parameter?.kind === 'number' ? parameter.literal : null;
      expect(literal).toMatchObject({ kind: 'number', integer: before?.integer });
    }),
    { numRuns: 500 },
  );
});

test('a value that was written stays where it is when it is written again', () => {
  const parameter = spaceOf('RATE = 0.02')[0];
  if (parameter?.kind !== 'number') throw new Error('Expected a number.');
  const { axis } = parameter;
  for (let position = axis.low; position < axis.high; position += 0.1) {
    const value = valueAt(axis, position);
    expect(valueAt(axis, positionOf(axis, value))).toBe(value);
  }
});
