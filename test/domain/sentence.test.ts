import { expect, it } from 'vitest';
import { inShort, sentence } from '../../src/domain/sentence.ts';

it.each([
  ['exited with code 1', 'exited with code 1.'],
  ['Mend it. ', 'Mend it.'],
  ['what?', 'what?'],
])('ends %j as a sentence', (text, ended) => {
  expect(sentence(text)).toBe(ended);
});

it('names a command by its last line, and the beginning of a long one', () => {
  expect(inShort('set -e\nsed -i x train.py\nexec python3 train.py\n')).toBe('`exec python3 train.py`');
  expect(inShort('x'.repeat(81))).toBe(`\`${'x'.repeat(80)}…\``);
});
