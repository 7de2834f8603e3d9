// A person moves the kept line while a session runs: nothing is overwritten, and the session goes on from where they want it.
import { execa } from 'execa';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../../support/product.ts';
import { until } from '../../support/until.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1 });
});
afterAll(async () => product.close());

const git = async (folder: string, ...args: string[]): Promise<string> =>
  (await execa('git', ['-c', 'user.name=A Person', '-c', 'user.email=person@example.org', ...args], { cwd: folder }))
    .stdout;
const reason = async (): Promise<string | undefined> => {
  const status = JSON.parse((await product.run('status', 'night', '--json')).stdout) as {
    status: string;
    reason: string;
  };
  return status.status === 'blocked' ? status.reason : undefined;
};

it('a commit that a person puts on the kept line blocks the session, which goes on from it after resume', async () => {
  const { repo, folder, run } = product;
  const short = ['--experiments', '5', '--calibration', '2', '--audit', 'none', '--seed', '3'];
  await run('start', '--detach', '--id', 'night', '--tag', 'night', ...short);
  await until(async () => (await git(repo, 'branch', '--list', 'autoresearch/night')) !== '');
  const theirs = join(folder, 'theirs');
  await git(repo, 'worktree', 'add', '--quiet', theirs, 'autoresearch/night');
  const train = (await execa('cat', [join(theirs, 'train.py')])).stdout;
  writeFileSync(join(theirs, 'train.py'), `${train.replace(/^WIDTH = .*$/m, 'WIDTH = 64')}\n`);
  await git(theirs, 'commit', '--quiet', '-am', 'WIDTH 64, by hand');
  const found = await git(theirs, 'rev-parse', 'HEAD');
  await git(repo, 'worktree', 'remove', theirs);

  expect(await until(reason)).toMatch(new RegExp(`expected [0-9a-f]{40}, found ${found}\\. Resume to measure`));
  expect(await git(repo, 'rev-parse', 'autoresearch/night')).toBe(found);
  await run('resume', 'night');
  expect((await product.ended('night')).status).toBe('done');

  expect((await product.records('night')).map(({ experiment }) => experiment)).toEqual([1, 2, 3, 4, 5]);
  expect(await git(repo, 'merge-base', 'autoresearch/night', found)).toBe(found);
  expect(await git(repo, 'rev-parse', 'autoresearch/night')).toBe((await product.best('night')).best?.commit);
  expect(await run('verify', 'night')).toMatchObject({ exitCode: 0 });
}, 180_000);
