// Small Python programs in two spellings each: the same statements with other comments, spaces, docstrings, names of local
// variables and ways to write a number.
import * as fc from 'fast-check';

/** How a program is written down. */
interface Spelling {
  readonly indent: string;
  readonly comment: boolean;
  readonly blank: boolean;
  readonly document: boolean;
  readonly wide: boolean;
  /** What local names begin with. */
  readonly names: string;
  readonly number: number;
}

// `§1` is a local variable, `#2` a number; each statement may stand anywhere in a function.
const STATEMENTS = [
  '§0 = np.tanh(§1) * #0',
  '§0: float = §1 if §2 > #1 else -#2',
  'for §0 in range(#3):\n  §1 += §0 ** #0\nelse:\n  §2 = not §1',
  'if §0 and §1:\n  §2 = §0\nelif §1:\n  §2 = #1\nelse:\n  return None',
  '§0 = [§9 * §1 for §9 in §2 if §9 for §8 in §9]',
  '§0 = {§9: §8 for §9, §8 in §1.items()}',
  '§0 = sum(§9 for §9 in (§8 + §1 for §8 in §2))',
  "def §0(§8, §7=#1, *§6):\n  '''Adds.'''\n  §5 = §8 + §1\n  return §5 * §7",
  'def §0():\n  return [§1 for §9 in G]',
  '§0 = lambda §8, §9=§1: §8 - §9 * #2',
  'try:\n  §0 = int(§1)\nexcept ValueError as §2:\n  print(§2, "wrong")\nfinally:\n  §1 = #0',
  'with open("f") as §0, lock:\n  §1 = §0.read()',
  '§0, (§1, *§2) = pair(§3, key=§1)',
  'import numpy as §0',
  'from math import tau as §0',
  'while (§0 := §1 - #3) > #1:\n  break',
  "§0 = f'{§1:.2f} and {§2!r} of {§3[#3]}'",
  'del §0',
  'def §0():\n  global H\n  H = §1',
  'G.state[§0] = §1.state = §2',
  'assert §0 != §1, "text"',
  'yield §0',
  '§0 = §1 @ §2[:, -#3:, None]',
  'class C(§0):\n  field = #2\n  def method(self, §9):\n    return self.field + §9 + §1',
  'nothing(*§0, flag=True)',
  'raise KeyError(§0) from §1',
];

const NUMBERS: readonly (readonly string[])[] = [
  ['1e-3', '0.001', '.001', '(1 / 1000)', '10e-4'],
  ['32768', '(2**15)', '(1 << 15)', '32_768', '0x8000', '(-(-32768))'],
  ['0.5', '.5', '(1 / 2)', '5e-1', '0.50'],
  ['3', '(1 + 2)', '0b11', '(7 // 2)', '(9 % 6)'],
];

/** A function's statements, by index and by which local names they use. */
type Body = readonly { readonly statement: number; readonly shift: number }[];
const body: fc.Arbitrary<Body> = fc.array(
  fc.record({ statement: fc.nat(STATEMENTS.length - 1), shift: fc.nat(3) }),
  { minLength: 1, maxLength: 8 }, // prettier-ignore
);
const spelling: fc.Arbitrary<Spelling> = fc.record({
  indent: fc.constantFrom('  ', '    ', '\t'),
  comment: fc.boolean(),
  blank: fc.boolean(),
  document: fc.boolean(),
  wide: fc.boolean(),
  names: fc.constantFrom('a', 'some_', 'ü', 'L', 'v'),
  number: fc.nat(10),
});

/** A program in two spellings, and with one number that is another one. */
export const programs = fc
  .record({ bodies: fc.array(body, { minLength: 1, maxLength: 3 }), one: spelling, other: spelling })
  .map(({ bodies, one, other }) => ({
    one: write(bodies, one),
    other: write(bodies, other),
    different: write(bodies, one).replace(/START( *= *)1/, 'START$1 2'),
  }));

function write(bodies: readonly Body[], how: Spelling): string {
  const lines = ['import numpy as np', 'START = 1', 'G = np.zeros(3)'];
  for (const [index, statements] of bodies.entries()) {
    lines.push(`def function${index}(§0, §1=G, *§2, only=None):`);
    if (how.document) lines.push('  """Does something.', '', '  Much of it.', '  """');
    lines.push('  §3 = START');
    for (const { statement, shift } of statements) {
      const text = (STATEMENTS[statement] ?? '').replaceAll(
        /§([0-3])/g,
        (_, digit) => `§${(Number(digit) + shift) % 4}`,
      );
      lines.push(...text.split('\n').map((line) => `  ${line}`));
    }
  }
  return `${lines.flatMap((line) => spell(line, how)).join('\n')}\n`;
}

function spell(line: string, how: Spelling): string[] {
  if (!how.document && line.trim() === "'''Adds.'''") return [];
  const depth = /^ */.exec(line)?.[0].length ?? 0;
  const text = line
    .trim()
    .replaceAll(/§(\d)/g, (_, digit) => `${how.names}${digit}`)
    .replaceAll(/#(\d)/g, (_, digit) => spelt(Number(digit), how.number));
  const inner = how.wide && !/["']/.test(text) ? text.replaceAll('(', '( ').replaceAll(' = ', '  =   ') : text;
  const code = how.indent.repeat(depth / 2) + inner + (how.comment ? '  # so it is' : '');
  const isHead = /^(else|elif|except|finally)\b/.test(text);
  return [...(how.blank ? [''] : []), ...(how.comment && !isHead ? [`# ${text.length}`] : []), code];
}

function spelt(which: number, how: number): string {
  const ways = NUMBERS[which] ?? ['0'];
  return ways[how % ways.length] ?? '0';
}
