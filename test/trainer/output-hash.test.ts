import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashOutput } from '../../src/trainer/output-hash.ts';
import { testFolder } from './support.ts';

function output(weights: string): string {
  const folder = mkdtempSync(join(testFolder, 'out-'));
  mkdirSync(join(folder, 'model'));
  writeFileSync(join(folder, 'model', 'weights'), weights);
  return folder;
}

test('is of paths and bytes', async () => {
  expect(await hashOutput(output('1'))).toBe(await hashOutput(output('1')));
  expect(await hashOutput(output('1'))).not.toBe(await hashOutput(output('2')));
});

test('follows no link and waits for no pipe', async () => {
  const folder = output('1');
  symlinkSync('/proc/kcore', join(folder, 'link'));
  symlinkSync(folder, join(folder, 'round'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await hashOutput(folder)).toMatch(/^[0-9a-f]{64}$/);
});
