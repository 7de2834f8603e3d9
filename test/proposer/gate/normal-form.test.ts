// Two ways to write one program have one normal form; two programs never have. Both matter: the first finds copies, the
// second keeps a new idea from being taken for an old one.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReadCode } from '../../../src/proposer/gate/read-code.ts';
import { HONEST, TRAIN } from './honest-edits.ts';
import { programs } from './spellings.ts';

const readCode = createReadCode((text) => {
  throw new Error(text);
});

/** Normal forms of several sources, read by one Python. */
async function normalForms(sources: readonly string[], beside: Record<string, string> = {}): Promise<string[]> {
  const versions = sources.map((source) => ({ ...beside, 'a.py': source }));
  const read = await readCode({ versions, harness: [] });
  return (read?.versions ?? []).map(({ 'a.py': file }, index) => {
    if (file === undefined || 'problem' in file) throw new Error(`${file?.problem}:\n${sources[index]}`);
    return file.normal;
  });
}

it('is one for all spellings of any program, and another for another number', async () => {
  const many = fc.array(programs, { minLength: 40, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(many, async (list) => {
      const forms = await normalForms(list.flatMap(({ one, other, different }) => [one, other, different]));
      for (const [index, { one, other }] of list.entries()) {
        const [form, same, different] = forms.slice(3 * index);
        expect({ one, other, same }).toEqual({ one, other, same: form });
        expect(different).not.toBe(form);
      }
    }),
    { numRuns: 2, endOnFailure: true }, // one Python reads 120 programs; a smaller counterexample would start hundreds
  );
});

/** Renames whole words that are no attribute and stand in no quotes. */
const rename = (source: string, names: Record<string, string>): string =>
  Object.entries(names).reduce(
    (text, [from, to]) => text.replaceAll(new RegExp(`(?<![\\w."'/])${from}(?![\\w"'])(?!\\.npz)`, 'g'), to),
    source,
  );

const FUNCTION = 'def f(a, b):\n    """Adds."""\n    total = a + b  # both\n    return total\n';

const SAME: readonly (readonly [string, string, string])[] = [
  ['comments in train.py', TRAIN, TRAIN.replaceAll(/(?<=\n) *#.*\n/g, '').replaceAll(/ {2}#.*(?=\n)/g, '')],
  ['docstrings of train.py', TRAIN, TRAIN.replaceAll(/(?<=\n) *""".*"""\n/g, '').replace(/^"""[^]*?"""\n/, '')],
  ['blank lines and line ends of train.py', TRAIN, TRAIN.replaceAll(/\n\n+/g, '\n').replaceAll('\n', '\r\n')],
  ['quotes in train.py', TRAIN, TRAIN.replaceAll(/"(\w+)"/g, "'$1'")],
  ['indentation of train.py', TRAIN, TRAIN.replaceAll(/^( {4})+/gm, (spaces) => ' '.repeat(spaces.length / 2))],
  ['constants in train.py', TRAIN, TRAIN.replace('1e-3', '0.001').replace('BATCH_SIZE = 128', 'BATCH_SIZE = 2**7')],
  [
    'local variables of train.py',
    TRAIN,
    rename(TRAIN, {
      width: 'inputs',
      slope: 'derivative',
      one_hot: 'hot',
      places: 'where',
      smooth: 'average',
      adam: 'optimiser',
      window: 'offsets',
      elapsed: 'so_far',
      reported: 'last_report',
      started: 'began',
      share: 'percent',
      dz: 'd1',
    }),
  ],
  [
    'parameters and nested functions of train.py',
    TRAIN,
    rename(TRAIN, {
      model: 'net',
      normal: 'gaussian',
      columns: 'wide',
      progress: 'part',
      gradient: 'grad',
      rate: 'lr',
    }),
  ],
  ['a local variable', FUNCTION, FUNCTION.replaceAll('total', 'x')],
  [
    'a local variable that is called like a global one',
    `x = 1\n${FUNCTION}`,
    `x = 1\n${FUNCTION.replaceAll('total', 'x')}`,
  ],
  [
    'what the variables of two functions share',
    `${FUNCTION}def g(a):\n    return a\n`,
    `${FUNCTION}def g(z):\n    return z\n`,
  ],
  ['a variable of a comprehension', 'y = [i * i for i in range(9)]\n', 'y = [k * k for k in range(9)]\n'],
  [
    'one that is called like another',
    'def f(a):\n    return [b for b in a]\n',
    'def f(a):\n    return [a for a in a]\n',
  ],
  ['statements that say nothing', FUNCTION, FUNCTION.replace('    return', '    pass\n    "so"\n    ...\n    return')],
  ['brackets and line breaks', 'x = (1, 2)\ny = x[0]\n', 'x = 1, \\\n    2,\ny = (x)[(0)]\n'],
  ['a text in pieces', 'x = "ab"\n', "x = 'a' 'b'\n"],
  ['else if', 'if a:\n    b\nelse:\n    if c:\n        d\n', 'if a:\n    b\nelif c:\n    d\n'],
];

const DIFFERENT: readonly (readonly [string, string, string])[] = [
  ['whole and broken numbers', 'x = 1\n', 'x = 1.0\n'],
  ['a number and a truth', 'x = 1\n', 'x = True\n'],
  ['a number and a text', 'x = 1\n', 'x = "1"\n'],
  ['text and bytes', 'x = "1"\n', 'x = b"1"\n'],
  ['zeros of either sign', 'x = 0.0\n', 'x = -0.0\n'],
  ['what a power binds', 'x = -2**2\n', 'x = (-2)**2\n'],
  ['large powers', 'x = 2**9999999\n', 'x = 2**9999998\n'],
  ['order', 'a()\nb()\n', 'b()\na()\n'],
  ['a local and a global variable', 'def f():\n    x = 1\n    return y\n', 'def f():\n    y = 1\n    return y\n'],
  ['a global variable’s name', 'x = 1\n', 'y = 1\n'],
  ['a variable that is declared global', 'def f():\n    global x\n    x = 1\n', 'def f():\n    x = 1\n'],
  ['which global is meant', 'def f():\n    global x\n    x = 1\n', 'def f():\n    global y\n    y = 1\n'],
  ['arguments the other way round', 'def f(a, b):\n    return a - b\n', 'def f(a, b):\n    return b - a\n'],
  ['the variable around', 'def f(a):\n    b = 1\n    def g():\n        return a\n    return g\n', 'def f(a):\n    b = 1\n    def g():\n        return b\n    return g\n'], // prettier-ignore
  ['the variable around, hidden', 'def f(a):\n    def g(a):\n        return a\n    return g\n', 'def f(a):\n    def g(b):\n        return a\n    return g\n'], // prettier-ignore
  ['what a nested function changes', 'def f():\n    n = 0\n    def g():\n        nonlocal n\n        n = 1\n    g()\n    return n\n', 'def f():\n    n = 0\n    def g():\n        n = 1\n    g()\n    return n\n'], // prettier-ignore
  ['a comprehension’s variable and another', 'def f(i, y):\n    return [i for i in y]\n', 'def f(i, y):\n    return [i for j in y]\n'], // prettier-ignore
  ['what a comprehension goes over', 'def f(i, y):\n    return [i for i in i]\n', 'def f(i, y):\n    return [i for i in y]\n'], // prettier-ignore
  ['what := leaves behind', 'def f(y):\n    t = 0\n    [t := i for i in y]\n    return t\n', 'def f(y):\n    t = 0\n    [u := i for i in y]\n    return t\n'], // prettier-ignore
  ['a default that is worked out outside', 'def f(a):\n    def g(b=a):\n        return b\n    return g\n', 'def f(a):\n    def g(a=a):\n        return b\n    return g\n'], // prettier-ignore
  ['an attribute', 'x.a = 1\n', 'x.b = 1\n'],
  ['a name in a class', 'class A:\n    a = 1\n', 'class A:\n    b = 1\n'],
  ['a class’s name, which functions in it do not see', 'def f():\n    x = 1\n    class A:\n        x = 2\n        def g(self):\n            return x\n    return A\n', 'def f():\n    y = 1\n    class A:\n        x = 2\n        def g(self):\n            return x\n    return A\n'], // prettier-ignore
  ['a method', 'class A:\n    def a(self):\n        pass\n', 'class A:\n    def b(self):\n        pass\n'],
  ['a parameter that is called by its name', 'def f(a):\n    return a\nf(a=1)\n', 'def f(b):\n    return b\nf(a=1)\n'],
  ['one that can only be called by its name', 'def f(*, a):\n    return a\n', 'def f(*, b):\n    return b\n'],
  ['one that a dictionary may name', 'def f(a):\n    return a\nf(**d)\n', 'def f(b):\n    return b\nf(**d)\n'],
  ['one that a text names', 'def f(a):\n    return a\nT(f, {"a": 1})\n', 'def f(b):\n    return b\nT(f, {"a": 1})\n'],
  ['one of a decorated function', '@d\ndef f(a):\n    return a\n', '@d\ndef f(b):\n    return b\n'],
  ['local variables that can be seen', 'def f(a):\n    return locals()\n', 'def f(b):\n    return locals()\n'],
  ['local variables that a text may use', 'def f(a):\n    return eval(s)\n', 'def f(b):\n    return eval(s)\n'],
  ['an imported module', 'def f():\n    import a as x\n    return x\n', 'def f():\n    import b as x\n    return x\n'],
  ['a docstring that is read', '"""A."""\nprint(__doc__)\n', '"""B."""\nprint(__doc__)\n'],
  ['the name of a nested function that is printed', 'def f():\n    def a():\n        pass\n    return a.__name__\n', 'def f():\n    def b():\n        pass\n    return b.__name__\n'], // prettier-ignore
  ['a caught error', 'try:\n    f()\nexcept A as e:\n    g(e)\n', 'try:\n    f()\nexcept B as e:\n    g(e)\n'],
  ['what is and what equals', 'x = a is b\n', 'x = a == b\n'],
  ['loops that wait', 'async def f(y):\n    async for i in y:\n        pass\n', 'async def f(y):\n    for i in y:\n        pass\n'], // prettier-ignore
  ['a format', 'x = f"{a:.2f}"\n', 'x = f"{a:.3f}"\n'],
  ['a text in a format', 'x = f"{a}b"\n', 'x = f"{a}c"\n'],
  ['stars', 'f(*a)\n', 'f(a)\n'],
];

// One Python for both tables: starting it takes longer than reading.
const tables = [...SAME, ...DIFFERENT].flatMap(([, one, other]) => [one, other]);
const tabled = await normalForms(tables);
const formOf = (source: string) => tabled[tables.indexOf(source)];

it.each(SAME)('leaves out %s', (_, one, other) => {
  expect(other).not.toBe(one);
  expect(formOf(other)).toBe(formOf(one));
});

it.each(DIFFERENT)('keeps apart %s', (_, one, other) => {
  expect(formOf(other)).not.toBe(formOf(one));
});

describe('with files beside it', () => {
  const one = 'def f(a):\n    return a\n';
  const other = 'def f(b):\n    return b\n';
  it('keeps the name of a parameter that is called by it there', async () => {
    const forms = await normalForms([one, other], { 'b.py': 'from a import f\nf(a=1)\n' });
    expect(forms[0]).not.toBe(forms[1]);
    const spread = await normalForms([one, other], { 'b.py': 'from a import f\nf(**d)\n' });
    expect(spread[0]).not.toBe(spread[1]);
  });

  it('does not where what is called is the work of others', async () => {
    const [form, same] = await normalForms([one, other], { 'b.py': 'import numpy as np\nnp.savez("x", **d)\n' });
    expect(same).toBe(form);
  });
});

it('is as it was for every honest edit in another spelling', async () => {
  const spelt = HONEST.map(([, source]) => rename(source.replaceAll(/ {2}# .*(?=\n)/g, ''), { one_hot: 'hot' }));
  const forms = await normalForms([...HONEST.map(([, source]) => source), ...spelt]);
  expect(forms.slice(HONEST.length)).toEqual(forms.slice(0, HONEST.length));
  expect(new Set(forms).size).toBe(HONEST.length);
});
