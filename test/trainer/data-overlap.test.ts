import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findOverlap, overlapIn, overlapProblem } from '../../src/trainer/data-overlap.ts';
import { testFolder } from './support.ts';

/** Bytes that look random and are the same at every call. */
function noise(seed: string, kilobytes: number): Buffer {
  const blocks = Array.from({ length: 32 * kilobytes }, (_none, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(blocks);
}

function dataOf(files: Readonly<Record<string, Buffer>>): string {
  const data = join(mkdtempSync(join(testFolder, 'overlap-')), 'data');
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(data, path)), { recursive: true });
    writeFileSync(join(data, path), bytes);
  }
  return data;
}

describe('data that training is not to see', () => {
  it('is no part of what it sees where the splits are honest', async () => {
    const data = dataOf({ 'train/a': noise('a', 80), 'val/b': noise('b', 80), 'sealed/c': noise('c', 80) });
    const overlap = await findOverlap(data, ['val', 'sealed']);
    expect(overlap.share).toBe(0);
    expect(overlap.compared).toBeGreaterThan(200); // one run in 512, of 160 kB
    expect(overlapProblem(overlap)).toBeNull();
  });

  it('is found in what it sees wherever it stands there and however it is cut', async () => {
    const sealed = noise('sealed', 96);
    const data = dataOf({
      'train/one': Buffer.concat([noise('a', 41), Buffer.from('x'), sealed.subarray(0, 60_001)]),
      'train/two': Buffer.concat([Buffer.from('yes'), sealed.subarray(60_001)]),
      'holdout/sealed.bin': sealed,
      'holdout/val.bin': noise('val', 96),
    });
    const overlap = await findOverlap(data, ['holdout']);
    expect(overlap.share).toBeGreaterThan(0.4);
    expect(overlap.worst?.path).toBe('holdout/sealed.bin');
    expect(overlap.worst?.share).toBeGreaterThan(0.97);
    expect(overlapProblem(overlap)).toMatch(
      /^Expected .*, but \d\d % of it does \(of holdout\/sealed\.bin (9\d|100) %\)/,
    );
  });

  it('may share a little with it, as files of one project do, or be too small to tell', async () => {
    const common = noise('licence', 10);
    const honest = dataOf({
      train: Buffer.concat([common, noise('a', 80)]),
      val: Buffer.concat([common, noise('b', 80)]),
    });
    const overlap = await findOverlap(honest, ['val']);
    expect(overlap.share).toBeGreaterThan(0.02);
    expect(overlapProblem(overlap)).toBeNull();
    expect(overlapProblem(await findOverlap(dataOf({ train: common, val: common }), ['val']))).toBeNull();
  });

  it('is one file alone, however much else there is', async () => {
    const shard = noise('shard', 40);
    const data = dataOf({ 'train/0': shard, 'val/0': shard, 'val/1': noise('b', 400) });
    expect(overlapProblem(await findOverlap(data, ['val']))).toMatch(/of val\/0 100 %/);
  });

  it('is compared once for each list of what is hidden, and the answer is kept', async () => {
    const data = dataOf({ train: noise('a', 80), val: noise('a', 80), sealed: noise('c', 80) });
    const root = dirname(data);
    const first = await overlapIn(root, data, ['val']);
    expect(first.share).toBe(1);
    rmSync(data, { recursive: true });
    expect(await overlapIn(root, data, ['val'])).toEqual(first);
    const [kept] = readdirSync(root).filter((name) => name.startsWith('overlap-'));
    writeFileSync(join(root, kept ?? ''), '{"share": ');
    expect(existsSync(data)).toBe(false);
    await expect(overlapIn(root, data, ['val'])).rejects.toThrow(/ENOENT/);
  });
});
