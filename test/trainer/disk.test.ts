import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { byteFigure, diskAt, folderBytes, sessionUse } from '../../src/trainer/disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'autoresearch-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('looks at the disk of a path that is not there yet', () => {
  const { totalBytes, freeBytes, usedShare } = diskAt(join(folder, 'not', 'made'));
  expect(totalBytes).toBeGreaterThan(freeBytes);
  expect(usedShare).toBeGreaterThanOrEqual(0);
  expect(usedShare).toBeLessThanOrEqual(1);
});

it('adds up what sessions take, the largest first, and follows no link', () => {
  const trials = join(folder, 'trials');
  for (const [session, bytes] of [
    ['small', 100_000],
    ['large', 900_000],
  ] as const) {
    mkdirSync(join(trials, session, '1', '1', 'out'), { recursive: true });
    writeFileSync(join(trials, session, '1', '1', 'out', 'model'), Buffer.alloc(bytes, 1));
  }
  symlinkSync(join(trials, 'large'), join(trials, 'small', 'link'));
  const [first, second] = sessionUse(trials);
  expect([first?.session, second?.session]).toEqual(['large', 'small']);
  expect(first?.bytes).toBeGreaterThanOrEqual(900_000);
  expect(second?.bytes).toBeLessThan(500_000);
  expect(folderBytes(join(folder, 'nowhere'))).toBe(0);
  expect(sessionUse(join(folder, 'nowhere'))).toEqual([]);
});

it('writes sizes as people read them', () => {
  expect([12e9, 340e6, 999_999, 0].map(byteFigure)).toEqual(['12.0 GB', '340 MB', '999 kB', '0 kB']);
});
