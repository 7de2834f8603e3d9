// Logs as the other programs write them, made here by their contracts, with whatever a person or a model may have put
// into a text.
import * as fc from 'fast-check';

/** Any text of one line: tabs, accents, emoji, quotes, lone surrogates left out. */
export const oneLine = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      'lr 0.04 -> 0.02',
      'tab\there',
      'größer 🚀',
      '"quoted", and so',
      ' spaces ',
      '日本語',
      '\ttab first',
    ),
  )
  .map((text) => text.replaceAll(/[\r\n]/g, ' '));

/** A short commit. */
export const commit = fc.stringMatching(/^[0-9a-f]{7}$/);

/** A number that is written with decimals, and is none of those that are written as zero. */
export const positive = fc.oneof(
  fc.double({ min: 0.001, max: 10, noNaN: true }),
  fc.constantFrom(0.9979, 1, 1e6, 123456789.123456, 1e15),
);

/** Any finite number that JSON writes and reads back; JSON has no negative zero. */
export const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
