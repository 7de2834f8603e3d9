// The disk that is really full is in test/activities/small-disk.test.ts.
import { expect, it } from 'vitest';
import { hasRoom } from '../../src/trainer/full-disk.ts';

const disk = (totalBytes: number, freeBytes: number) => ({ totalBytes, freeBytes, usedShare: 0 });

it('wants 200 MB for a training, or a hundredth of a small disk', () => {
  expect(hasRoom(disk(1e12, 201e6))).toBe(true);
  expect(hasRoom(disk(1e12, 199e6))).toBe(false);
  expect(hasRoom(disk(1e9, 11e6))).toBe(true);
  expect(hasRoom(disk(1e9, 9e6))).toBe(false);
});
