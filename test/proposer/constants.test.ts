import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConstants } from '../../src/proposer/constants.ts';
import { applyEdit } from '../../src/proposer/edit.ts';

/** A settings block as scripts of this kind have it, with everything around it that could be mistaken for one. */
const SCRIPT = `"""A small trainer.

DECOY = 1
"""
import os

TEXT = """
DECOY_TWO = 2
"""

# settings
WIDTH_RATIO = 48
BATCH_TOKENS = 2**18  # about 260 thousand
RATE: float = 3e-3     # search: 1e-4..1e-1 log
BETAS = (0.85, 0.97)
SIZES = (
    1_000,  # small, see "sizes"
    8 * 1024,
)
PATTERN = 'LLS' # search: LLS, LLLS
USE_GATE = True
WINDOW = -1
SHIFTED = 1 << 10
CONTINUED = \\
    0.5
STEPS_DONE = 0
STEPS_DONE += 1
COMPUTED = WIDTH_RATIO * 2
NAMED = dict(
    INNER=3,
)
HEXED = 0x10
EQUAL == 3

def f(rate=RATE):
    LOCAL = 4
    return {'KEY': 5}
`;

/** A number, text or truth value; of a tuple, its numbers. */
function valueOf(name: string): unknown {
  const literal = readConstants(SCRIPT).find((constant) => constant.name === name)?.literal;
  return literal?.kind === 'tuple'
    ? literal.items.map((item) => item.value)
    : literal && 'value' in literal && literal.value;
}

describe('readConstants', () => {
  const found = new Map(readConstants(SCRIPT).map((constant) => [constant.name, constant]));

  test('finds the literals assigned once at module level and nothing else', () => {
    expect([...found.keys()]).toEqual([
      'WIDTH_RATIO',
      'BATCH_TOKENS',
      'RATE',
      'BETAS',
      'SIZES',
      'PATTERN',
      'USE_GATE',
      'WINDOW',
      'SHIFTED',
      'CONTINUED',
    ]);
  });

  test('evaluates expressions of numbers', () => {
    expect(valueOf('BATCH_TOKENS')).toBe(2 ** 18);
    expect(valueOf('SHIFTED')).toBe(1024);
    expect(valueOf('RATE')).toBe(0.003);
    expect(valueOf('BETAS')).toEqual([0.85, 0.97]);
    expect(valueOf('SIZES')).toEqual([1000, 8192]);
    expect(valueOf('PATTERN')).toBe('LLS');
    expect(valueOf('USE_GATE')).toBe(true);
    expect(valueOf('WINDOW')).toBe(-1);
    expect(valueOf('CONTINUED')).toBe(0.5);
  });

  test.each([
    ['2 + 3 * 4', 14],
    ['-2**2', -4],
    ['2**-1', 0.5],
    ['(1 + 2) * 3', 9],
    ['7 // 2', 3],
    ['7 / 2', 3.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1E-3', 0.001],
    ['2**3**2', 512],
    ['1 << 2 + 1', 8],
  ])('%s is %d as in Python', (text, value) => {
    expect(readConstants(`X = ${text}\n`)[0]?.literal).toMatchObject({ kind: 'number', value });
  });

  test.each(['1j', '0x1F', 'f"a"', '"a" "b"', '1 if A else 2', '[]', 'None', '1; B = 2', '1e999', '010', '"a\\n"'])(
    'leaves %s alone',
    (text) => {
      expect(readConstants(`X = ${text}\n`)).toEqual([]);
    },
  );

  test('reads lower-case names unless the script assigns them again', () => {
    const source = 'rate = 1e-3\nstep = 0\nwhile step < 10:\n    step += 1\n';
    expect(readConstants(source).map(({ name }) => name)).toEqual(['rate']);
  });

  test('reads files with Windows line ends, a byte order mark and no last line end', () => {
    expect(readConstants('\uFEFFA = 1\r\nB = 2 # b\r\nC = "x"').map(({ name, text }) => [name, text])).toEqual([
      ['A', '1'],
      ['B', '2'],
      ['C', '"x"'],
    ]);
  });

  test('never fails, and gives spans that hold the value, on any text', () => {
    const piece = fc.constantFrom(
      'A',
      ' = ',
      '1',
      '"',
      "'",
      '"""',
      '(',
      ')',
      '\n',
      '\\',
      '#',
      '0.5',
      '    ',
      '\r\n',
      ',',
      '**',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join('');
        for (const { start, end, text } of readConstants(source)) expect(source.slice(start, end)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('setting a constant', () => {
  const numbers = ['WIDTH_RATIO', 'BATCH_TOKENS', 'RATE', 'WINDOW', 'CONTINUED', 'SIZES'];

  test('changes no byte outside the value and reads back as what was set', () => {
    const value = fc.oneof(fc.integer({ min: -1e6, max: 1e6 }), fc.double({ min: -1e15, max: 1e15, noNaN: true }));
    fc.assert(
      fc.property(fc.constantFrom(...numbers), value, fc.constantFrom('\n', '\r\n'), (name, number, newline) => {
        const source = SCRIPT.replaceAll('\n', newline);
        const before = readConstants(source).find((constant) => constant.name === name);
        const text = String(number);
        const applied = applyEdit({ 'a.py': source }, [{ op: 'set', file: 'a.py', name, value: text }]);
        if (!applied.ok || before === undefined) throw new Error(`Expected ${name} to be set.`);
        const after = applied.files['a.py'] ?? '';
        expect(after).toBe(source.slice(0, before.start) + text + source.slice(before.end));
        const readBack = readConstants(after).find((constant) => constant.name === name)?.literal;
        expect(readBack?.kind === 'number' && Object.is(readBack.value + 0, number + 0)).toBe(true);
        expect(readConstants(after).length).toBe(readConstants(source).length);
      }),
    );
  });
});
