import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { lastTrial, trialDirectory } from '../../src/trainer/trial-directory.ts';

const root = mkdtempSync(join(tmpdir(), 'autoresearch-trials-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('knows which trial of an experiment printed last, whatever its number', () => {
  const key = { session: 'night', experiment: 0 };
  expect(lastTrial(root, key)).toBeNull();
  for (const [trial, at] of [
    [1, 10],
    [2, 30],
    [10_000_000_001, 20],
  ] as const) {
    const { root: folder, log } = trialDirectory(root, { ...key, trial });
    mkdirSync(folder, { recursive: true });
    writeFileSync(log, '');
    utimesSync(log, at, at);
  }
  mkdirSync(join(root, 'night', '0', 'aside'));
  mkdirSync(trialDirectory(root, { ...key, trial: 3 }).root); // nothing printed yet
  expect(lastTrial(root, key)).toBe(2);
});
