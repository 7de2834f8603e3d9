import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hiddenProblem } from '../../src/trainer/hidden-data.ts';
import { testFolder } from './support.ts';

it('finds hidden data where `prepare` put it: a file, a folder of folders, what a link leads to', async () => {
  const elsewhere = mkdtempSync(join(testFolder, 'hidden-'));
  const data = mkdtempSync(join(testFolder, 'hidden-'));
  mkdirSync(join(data, 'val/deep'), { recursive: true });
  for (const path of [join(elsewhere, 'shard'), join(data, 'answers'), join(data, 'val/deep/text')])
    writeFileSync(path, 'x');
  symlinkSync(elsewhere, join(data, 'linked'));
  expect(await hiddenProblem(data, ['answers', 'val', 'val/deep', 'linked'])).toBeNull();
});

it('names each hidden path that is not there or holds nothing', async () => {
  const data = mkdtempSync(join(testFolder, 'hidden-'));
  mkdirSync(join(data, 'hollow/deep'), { recursive: true });
  writeFileSync(join(data, 'hollow/deep/nothing'), '');
  symlinkSync(join(data, 'gone'), join(data, 'broken'));
  symlinkSync('..', join(data, 'hollow/round'));
  expect(await hiddenProblem(data, ['hollow', 'broken', 'holdout'])).toMatch(
    /^Expected .*, got none for `hollow`, `broken`, `holdout`: .*\. Name it as `prepare` does\.$/,
  );
});
