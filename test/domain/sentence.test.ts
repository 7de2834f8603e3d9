import { expect, it } from 'vitest';
import { sentence } from '../../src/domain/sentence.ts';

it.each([
  ['exited with code 1', 'exited with code 1.'],
  ['Mend it. ', 'Mend it.'],
  ['what?', 'what?'],
])('ends %j as a sentence', (text, ended) => {
  expect(sentence(text)).toBe(ended);
});
