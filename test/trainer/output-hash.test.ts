import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

test('is none of a folder without a plain file', async () => {
  const folder = output('1');
  rmSync(join(folder, 'model', 'weights'));
  symlinkSync('/etc/hostname', join(folder, 'link'));
  expect(await hashOutput(folder)).toBeUndefined();
});

test('follows no link, waits for no pipe, and is not held up by what cannot be read', async () => {
  const folder = output('1');
  symlinkSync('/proc/kcore', join(folder, 'link'));
  for (const name of ['round', 'and-round', 'again']) symlinkSync('.', join(folder, name));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]), 'no name in any alphabet');
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await hashOutput(folder)).toMatch(/^[0-9a-f]{64}$/);
});
