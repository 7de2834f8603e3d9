import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { claimRepair } from '../../src/proposer/claim-repair.ts';

const folder = mkdtempSync(join(tmpdir(), 'autoresearch-claim-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a crash is repaired by the first who asks, whenever they ask, until that came to nothing', () => {
  const over = new Set<number>();
  const claim = (experiment: number, crashed = 3, session = 'night') =>
    claimRepair(folder, { session, crashed, experiment, isOver: (one) => over.has(one) });
  expect([claim(5), claim(6), claim(5), claim(6)]).toEqual([true, false, true, false]);
  expect([claim(6, 4), claim(6, 3, 'day')]).toEqual([true, true]);
  over.add(5);
  expect([claim(7), claim(6)]).toEqual([true, false]);
});
