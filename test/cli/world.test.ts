import { expect, it } from 'vitest';
import { sizeOf } from '../../src/cli/world.ts';

it('draws at the usual size on a terminal that says it has none', () => {
  expect(sizeOf({ columns: 100, rows: 40 })).toEqual({ columns: 100, rows: 40 });
  expect(sizeOf({ columns: 0, rows: 0 })).toEqual({ columns: 80, rows: 24 });
  expect(sizeOf({})).toEqual({ columns: 80, rows: 24 });
});
