import { expect, test } from 'vitest';
import { rowsOf } from '../../bench/claims.ts';

const held = { kept: 2, claimed: 0.2, sealed: 0.19, z: 0.4 };
const missed = { kept: 2, claimed: 0.4, sealed: 0.1, z: 3 };
const unaudited = { kept: 1, claimed: 0.1, sealed: null, z: null };
const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);

test('claims are counted against all sessions, those that claimed nothing among the held and said to be', () => {
  const [row, means] = rowsOf('default', [...times(4, held), ...times(5, null), missed]);
  expect(row).toMatchObject({ measured: '9 of 10 (5 claimed nothing)', bound: '8 of 10', ok: true });
  expect(means).toMatchObject({ measured: '0.240, 0.172 (0.068 claimed too much), 2.0', ok: null });
});

test('one that claims a gain and has no audit has not held', () => {
  const [row] = rowsOf('default', [...times(7, held), ...times(3, unaudited)]);
  expect(row).toMatchObject({ measured: '7 of 10', ok: false });
});

test('fewer seeds than the bound speaks of, and greedy, are only told', () => {
  expect(rowsOf('default', times(4, held))[0]).toMatchObject({ measured: '4 of 4', ok: null });
  expect(rowsOf('greedy', times(10, missed))[0]).toMatchObject({ measured: '0 of 10', bound: '', ok: null });
});
