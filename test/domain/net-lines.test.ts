import { expect, it } from 'vitest';
import { netLines } from '../../src/domain/net-lines.ts';

const BASE = `"""A script."""

import os

RATE = 0.1  # per step


def train(steps):
    """Trains."""
    for step in range(steps):
        print(
            "step",
            step,
        )
    return os.getpid()
`;

const net = (after: string): number => netLines({ 'train.py': BASE }, { 'train.py': after });

it.each([
  ['nothing', BASE, 0],
  ['a statement', BASE.replace('    return', '    steps += 1\n    return'), 1],
  ['a statement less', BASE.replace('RATE = 0.1  # per step\n', ''), -1],
  ['comments and blank lines', BASE.replace('    return', '\n    # so\n    # it is\n\n    return'), 0],
  ['a longer docstring', BASE.replace('"""Trains."""', '"""Trains.\n\n    For long.\n    """'), 0],
  ['no docstrings', BASE.replace('    """Trains."""\n', '').replace('"""A script."""\n', ''), 0],
  ['comments within brackets', BASE.replace('"step",', '# what\n            "step",'), 0],
  ['a table', BASE.replace('RATE =', 'TABLE = [\n    1,\n    2,\n    3,\n]\nRATE ='), 5],
  ['a text with a # in it', BASE.replace('RATE =', 'TEXT = "a # b"\nRATE ='), 1],
  ['a text over lines', BASE.replace('RATE =', 'TEXT = """a\n\n# b\nc"""\nRATE ='), 2],
])('counts %s', (_, after, lines) => {
  expect(net(after)).toBe(lines);
});

it('does not take folded lines for simpler code', () => {
  const folded = BASE.replace(/print\([^]*?\)/, 'print("step", step)');
  expect(net(folded)).toBe(0);
  const joined = 'import os; RATE = 0.1\ndef train(steps): return os.getpid()\n';
  const apart = 'import os\nRATE = 0.1\ndef train(steps): return os.getpid()\n';
  expect(netLines({ 'train.py': apart }, { 'train.py': joined })).toBe(0);
  expect(netLines({ 'train.py': joined }, { 'train.py': apart })).toBe(1);
});

it('counts files that come and go, each by the comments of its kind', () => {
  const files = {
    'train.py': BASE,
    'kernel.cu': '// fast\nint a;\n\nint b;\n',
    'c.yaml': '# c\na: 1\n',
    'n.md': '# n\n',
  };
  expect(netLines({}, files)).toBe(9 + 2 + 1 + 1);
  expect(netLines(files, {})).toBe(-(6 + 4)); // in statements: 9 lines of Python have 6;
});
