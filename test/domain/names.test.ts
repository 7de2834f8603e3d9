import { execa } from 'execa';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import { candidateRef, checkTag, keptRef, tagFrom } from '../../src/domain/names.ts';

it('makes a tag that git takes of any session id', async () => {
  const ids = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 120 }), 60);
  for (const id of [...ids, 'a.lock', '..', '@{', 'ä/ö', '-x', 'x.', ' ']) {
    const tag = tagFrom(id);
    expect(checkTag(tag)).toBe(tag);
    await execa('git', ['check-ref-format', keptRef(tag)]);
    await execa('git', ['check-ref-format', candidateRef(tag, 1)]);
  }
});

it('keeps a fit id as it is, and ids apart that would read alike', () => {
  expect(tagFrom('byte-lm-nov23')).toBe('byte-lm-nov23');
  expect(tagFrom('a b')).not.toBe(tagFrom('a/b'));
});

it.each(['', '..', 'a..b', 'a.lock', 'a b', 'refs/heads/x', '-x', '.x', 'x.', 'x'.repeat(81), 'ä'])(
  'refuses the tag %j',
  (tag) => {
    expect(() => checkTag(tag)).toThrow(InvalidInput);
  },
);
