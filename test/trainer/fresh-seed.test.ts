import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshSeed } from '../../src/trainer/fresh-seed.ts';
import { newFolder } from '../git/sandbox.ts';

it('draws a seed once for each trial, and gives the same one ever after', async () => {
  const [first, second] = [{ root: join(await newFolder(), 'trial') }, { root: await newFolder() }];
  const seed = freshSeed(first);
  expect(freshSeed(first)).toBe(seed);
  expect(freshSeed(second)).not.toBe(seed); // one chance in two thousand million
  expect(seed).toBeGreaterThanOrEqual(0);
});

it('refuses a file that holds no seed, and names it', async () => {
  const root = await newFolder();
  writeFileSync(join(root, 'seed'), 'x');
  expect(() => freshSeed({ root })).toThrow(join(root, 'seed'));
});
