import { lstat, mkdir, readdir, readFile, writeFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkoutTree, EscapingLink } from '../../src/git/checkout.ts';
import { git } from '../../src/git/git.ts';
import { openHomeClone, resolveRef } from '../../src/git/home-clone.ts';
import { listFiles, readFiles, readFilesOfMany } from '../../src/git/tree.ts';
import { commitFiles, newFolder, newRepo, type Files } from './sandbox.ts';

const ODD: Files = {
  'train.py': 'A = 1\n',
  'sp ace/ünïcode — 文.py': 'B = 2\n',
  'quo"te\\back.txt': 'q',
  'new\nline.txt': 'n',
  '-dash': 'd',
  'crlf.txt': 'a\r\nb\r\n',
  'bom.txt': '\uFEFFbom without end',
  'run.sh': { exec: '#!/bin/sh\n' },
  'deep/a/b/c.txt': '',
  'deep/link': { link: 'a/b/c.txt' },
  'deep/up': { link: '../train.py' },
  '.gitattributes': '* text=auto eol=crlf ident\n*.py filter=none\n',
};

async function cloned(files: Files) {
  const repo = await newRepo();
  // Raw bytes into git, whatever .gitattributes says.
  await writeFile(join(repo, '.git', 'info', 'attributes'), '* -text -eol -ident -filter\n');
  await commitFiles(repo, files);
  const clone = await openHomeClone({ repos: join(await newFolder(), 'repos'), origin: repo });
  return { repo, clone, commit: await resolveRef(clone) };
}

const textsOf = (files: Files): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).flatMap(([path, content]) => {
      if (typeof content === 'string') return [[path, content]];
      return 'exec' in content ? [[path, content.exec]] : [];
    }),
  );

describe('readFiles', () => {
  it('reads any name and every byte, and leaves out what is no file', async () => {
    const { clone, commit } = await cloned(ODD);
    const texts = textsOf(ODD);
    expect(await readFiles(clone, commit, Object.keys(texts))).toEqual(texts);
    expect(await readFiles(clone, commit, ['nowhere.py', 'deep'])).toEqual({});
    expect(await readFiles(clone, commit, [])).toEqual({});
  });

  it('reads the same files of many commits', async () => {
    const { repo, clone, commit } = await cloned({ 'train.py': 'A = 1\n' });
    const next = await commitFiles(repo, { 'train.py': 'A = 2\n', 'more.py': '' });
    await openHomeClone({ repos: join(clone, '..'), origin: repo });
    expect(await readFilesOfMany(clone, [commit, next], ['train.py', 'more.py'])).toEqual({
      [commit]: { 'train.py': 'A = 1\n' },
      [next]: { 'train.py': 'A = 2\n', 'more.py': '' },
    });
  });

  it('names a file that is no text instead of changing its bytes', async () => {
    const { repo, clone } = await cloned({});
    await writeFile(join(repo, 'blob.bin'), Buffer.from([0xff, 0xfe, 0x00]));
    const commit = await commitFiles(repo, {});
    await openHomeClone({ repos: join(clone, '..'), origin: repo });
    await expect(readFiles(clone, commit, ['blob.bin'])).rejects.toThrow(/blob\.bin/);
  });
});

it('listFiles names every entry with its mode', async () => {
  const { clone, commit } = await cloned(ODD);
  const entries = await listFiles(clone, commit);
  expect(entries.map(({ path }) => path).toSorted()).toEqual(Object.keys(ODD).toSorted());
  const mode = Object.fromEntries(entries.map((entry) => [entry.path, entry.mode]));
  expect([mode['run.sh'], mode['train.py'], mode['deep/link']]).toEqual(['100755', '100644', '120000']);
  expect((await listFiles(clone, commit, ['deep'])).length).toBe(3);
});

describe('checkoutTree', () => {
  it("makes exactly the commit's files, byte for byte, with modes and links and without .git", async () => {
    const { clone, commit } = await cloned(ODD);
    const folder = join(await newFolder(), 'a trial', 'tree');
    await checkoutTree({ clone, commit, folder });
    for (const [path, text] of Object.entries(textsOf(ODD))) {
      expect(await readFile(join(folder, path), 'utf8')).toBe(text);
    }
    expect((await stat(join(folder, 'run.sh'))).mode % 0o1000).toBe(0o755);
    expect((await lstat(join(folder, 'deep/link'))).isSymbolicLink()).toBe(true);
    expect((await readdir(folder)).includes('.git')).toBe(false);
    expect(await readdir(join(folder, '..'))).toEqual(['tree']);
  });

  it('replaces what was there, also what a killed checkout left', async () => {
    const { clone, commit } = await cloned({});
    const folder = join(await newFolder(), 'tree');
    await mkdir(join(folder, 'old'), { recursive: true });
    await mkdir(`${folder}.making/half`, { recursive: true });
    await writeFile(`${folder}.making.index.lock`, '');
    await writeFile(`${folder}.making.index`, 'broken');
    await checkoutTree({ clone, commit, folder });
    expect(await readdir(folder)).toEqual(['train.py']);
    expect(await readdir(join(folder, '..'))).toEqual(['tree']);
  });

  it.each<[string, Files]>([
    ['an absolute target', { out: { link: '/etc/passwd' } }],
    ['a target above the tree', { 'a/out': { link: '../../x' } }],
    ['a way out through another link', { 'p/q/top': { link: '../..' }, out: { link: 'p/q/top/../x' } }],
    ['links in a circle', { one: { link: 'two' }, two: { link: 'one' } }],
  ])('refuses %s and writes nothing', async (_what, files) => {
    const { clone, commit } = await cloned(files);
    const folder = join(await newFolder(), 'tree');
    await expect(checkoutTree({ clone, commit, folder })).rejects.toThrow(EscapingLink);
    expect(await readdir(join(folder, '..'))).toEqual([]);
  });

  it("works while the person's own settings would change bytes", async () => {
    const { clone, commit } = await cloned({ 'lf.txt': 'a\nb\n' });
    await git(clone, ['config', 'core.eol', 'crlf']);
    const folder = join(await newFolder(), 'tree');
    await checkoutTree({ clone, commit, folder });
    expect(await readFile(join(folder, 'lf.txt'), 'utf8')).toBe('a\nb\n');
  });
});
