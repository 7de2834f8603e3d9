import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkoutTree, EscapingLink } from '../../src/git/checkout.ts';
import { openHomeClone, resolveRef } from '../../src/git/home-clone.ts';
import { createSpareTrees } from '../../src/git/spare-trees.ts';
import { until } from '../support/until.ts';
import { commitFiles, newFolder, newRepo, type Files } from './sandbox.ts';

/** A home clone of a repo, with a commit of each of these states of its files. */
async function clonedAt(...states: Files[]) {
  const repo = await newRepo({});
  const commits: string[] = [];
  for (const files of states) {
    for (const name of readdirSync(repo).filter((one) => one !== '.git'))
      await rm(join(repo, name), { recursive: true });
    commits.push(await commitFiles(repo, files));
  }
  const clone = await openHomeClone({ repos: join(await newFolder(), 'repos'), origin: repo });
  await resolveRef(clone);
  return { clone, commits };
}

/** Everything in a folder: contents, modes, where links lead. */
const contentsOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    (readdirSync(folder, { recursive: true }) as string[]).toSorted().map((path) => {
      const found = lstatSync(join(folder, path));
      if (found.isSymbolicLink()) return [path, `-> ${readlinkSync(join(folder, path))}`];
      const mode = (found.mode & 0o777).toString(8);
      return [path, found.isDirectory() ? `folder ${mode}` : `${mode} ${readFileSync(join(folder, path), 'utf8')}`];
    }),
  );

/** Spare trees of a folder of their own; `filled` waits for two of them. */
async function newSpares() {
  const folder = join(await newFolder(), 'spares');
  const trees = createSpareTrees(folder);
  const [place = ''] = readdirSync(folder).filter((name) => !name.endsWith('.lock'));
  const standing = (): string[] => readdirSync(join(folder, place)).filter((name) => !name.endsWith('.index'));
  const filled = async (clone: string, commit: string): Promise<void> => {
    trees.fill(clone, commit);
    await until(() => trees.count() === 2);
  };
  return { folder, trees, standing, filled };
}

const FIRST: Files = {
  'train.py': 'A = 1\n',
  same: 'same\n',
  'run.sh': '#!/bin/sh\n',
  gone: 'gone\n',
  'was/a/folder': 'x',
  'was-a-file': 'x',
  link: { link: 'same' },
};
const SECOND: Files = {
  'train.py': 'A = 2\n',
  same: 'same\n',
  'run.sh': { exec: '#!/bin/sh\n' },
  'new/one': 'new\n',
  'was/a': 'now a file',
  'was-a-file/inside': 'now a folder',
  link: { link: 'run.sh' },
};

it('makes of a spare of one commit exactly what a checkout makes of another, and writes only what differs', async () => {
  const { clone, commits } = await clonedAt(FIRST, SECOND);
  const [first = '', second = ''] = commits;
  const { trees, standing, filled } = await newSpares();
  await filled(clone, first);
  const folder = join(await newFolder(), 'tree');
  const before = new Date();
  await trees.checkout({ clone, commit: second, folder });
  expect(standing()).toHaveLength(1);
  await checkoutTree({ clone, commit: second, folder: `${folder}-fresh` });
  expect(contentsOf(folder)).toEqual(contentsOf(`${folder}-fresh`));
  expect(statSync(join(folder, 'same')).ctime.getTime()).toBeLessThan(before.getTime());
  expect(readdirSync(join(folder, '..'))).toEqual(['tree', 'tree-fresh']);
});

it('checks out in full where there is no spare, or only one of another clone, which goes', async () => {
  const one = await clonedAt(FIRST);
  const other = await clonedAt(SECOND);
  const { trees, standing, filled } = await newSpares();
  await filled(one.clone, one.commits[0] ?? '');
  const kept = standing();
  const folder = join(await newFolder(), 'tree');
  await trees.checkout({ clone: other.clone, commit: other.commits[0] ?? '', folder });
  expect(readFileSync(join(folder, 'train.py'), 'utf8')).toBe('A = 2\n');
  expect(standing()).toEqual(kept);
  trees.fill(other.clone, other.commits[0] ?? '');
  await until(() => standing().length === 2 && standing().every((name) => !kept.includes(name)));
});

it('refuses a link that leads out of the tree, and leaves nothing', async () => {
  const { clone, commits } = await clonedAt(FIRST, { ...FIRST, out: { link: '/etc/passwd' } });
  const { trees, filled } = await newSpares();
  await filled(clone, commits[0] ?? '');
  const folder = join(await newFolder(), 'tree');
  await expect(trees.checkout({ clone, commit: commits[1] ?? '', folder })).rejects.toThrow(EscapingLink);
  expect(readdirSync(join(folder, '..'))).toEqual([]);
});

it('a fill that fails is no trouble: the next checkout writes every file', async () => {
  const { clone, commits } = await clonedAt(FIRST);
  const { trees, standing } = await newSpares();
  trees.fill(clone, 'no commit');
  await trees.clear();
  expect(standing()).toEqual([]);
  const folder = join(await newFolder(), 'tree');
  await trees.checkout({ clone, commit: commits[0] ?? '', folder });
  expect(readFileSync(join(folder, 'same'), 'utf8')).toBe('same\n');
});

it('never uses what another process made: what the dead left is removed, what the living have stays', async () => {
  const { folder, trees, standing, filled } = await newSpares();
  const { clone, commits } = await clonedAt(FIRST);
  await filled(clone, commits[0] ?? '');
  const left = join(folder, 'left');
  mkdirSync(join(left, 'tree'), { recursive: true });
  writeFileSync(join(left, 'tree', 'train.py'), ''); // as a power cut leaves files
  createSpareTrees(folder);
  expect(existsSync(left)).toBe(false);
  expect(standing()).toHaveLength(2);
  await trees.clear();
  expect(standing()).toEqual([]);
  await trees.end();
  expect(readdirSync(folder).filter((name) => !name.endsWith('.lock'))).toHaveLength(1); // the other's
});

it('a spare that somebody removed is no trouble either', async () => {
  const { clone, commits } = await clonedAt(FIRST);
  const { folder, trees, filled } = await newSpares();
  await filled(clone, commits[0] ?? '');
  const [place = ''] = readdirSync(folder).filter((name) => !name.endsWith('.lock'));
  await rename(join(folder, place), join(folder, 'elsewhere'));
  const target = join(await newFolder(), 'tree');
  await trees.checkout({ clone, commit: commits[0] ?? '', folder: target });
  expect(readFileSync(join(target, 'same'), 'utf8')).toBe('same\n');
});
