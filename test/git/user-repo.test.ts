import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import { candidateRef, ledgerRef } from '../../src/domain/names.ts';
import { git } from '../../src/git/git.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { keptTip } from '../../src/git/inspect.ts';
import { pushRefs } from '../../src/git/push.ts';
import { fetchAutoresearchRefs, resolveRepo, uncommittedChanges } from '../../src/git/user-repo.ts';
import { newFolder, newRepo, newSession } from './sandbox.ts';

describe('resolveRepo', () => {
  it('names the same repo the same from any folder in it', async () => {
    const repo = await newRepo({ 'tasks/a/train.py': 'A = 1\n' });
    expect(await resolveRepo(repo)).toEqual({ origin: repo, name: 'repo', folder: '' });
    expect(await resolveRepo(`${repo}/tasks/a/`)).toEqual({ origin: repo, name: 'repo', folder: 'tasks/a/' });
  });

  it('takes bare repos, and a file URL as the path that it is', async () => {
    const repo = await newRepo();
    const bare = join(await newFolder(), 'model.git');
    await git(repo, ['clone', '--quiet', '--bare', repo, bare]);
    expect(await resolveRepo(bare)).toEqual({ origin: bare, name: 'model', folder: '' });
    expect(await resolveRepo(pathToFileURL(bare).href)).toEqual({ origin: bare, name: 'model', folder: '' });
  });

  it('says what is wrong and what to do', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'file'), '');
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await git(empty, ['init', '--quiet']);
    const emptyBare = join(folder, 'bare.git');
    await git(folder, ['init', '--quiet', '--bare', emptyBare]);
    const cases: [string, RegExp][] = [
      [join(folder, 'nowhere'), /no folder/],
      [join(folder, 'file'), /no folder/],
      [folder, /git init/],
      [empty, /commit something there first/],
      [emptyBare, /commit something there first/],
      [pathToFileURL(join(folder, 'nowhere.git')).href, /no folder/],
      ['file://elsewhere/repo', /name the folder/],
      ['git://127.0.0.1:1/nowhere.git', /within reach.*Connection refused/],
      ['ext::sh -c true', /Expected `repo`/],
      ['javascript://x', /Expected `repo` to be a path or a URL/],
    ];
    for (const [repo, expected] of cases) {
      const error: unknown = await resolveRepo(repo).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidInput);
      expect(String(error)).toMatch(expected);
    }
  });

  it('passes on what git says of a repo that it will not open', async () => {
    const repo = await newRepo();
    await writeFile(join(repo, '.git', 'config'), '[core\n');
    await expect(resolveRepo(repo)).rejects.toThrow(/bad config/);
    await rm(repo, { recursive: true });
  });
});

it('uncommittedChanges names changed, added and untracked files and writes nothing', async () => {
  const repo = await newRepo({ 'train.py': 'A = 1\n', 'gone.py': '' });
  await writeFile(join(repo, 'train.py'), 'A = 2\n');
  await writeFile(join(repo, 'new ü.py'), '');
  await rm(join(repo, 'gone.py'));
  expect((await uncommittedChanges(repo)).toSorted()).toEqual(['gone.py', 'new ü.py', 'train.py']);
  await git(repo, ['checkout', '--quiet', '.']);
  await rm(join(repo, 'new ü.py'));
  expect(await uncommittedChanges(repo)).toEqual([]);
});

describe('fetchAutoresearchRefs', () => {
  it("makes a plain clone able to tell a session's results, and touches nothing else in it", async () => {
    const { origin, clone, base, tag } = await newSession();
    const plain = join(await newFolder(), 'plain');
    await git(origin, ['clone', '--quiet', origin, plain]);
    await pushRefs({ clone, origin, tag, what: 'all', timeoutSeconds: 60 });
    expect(await readLedger(plain, tag)).toBeUndefined();
    expect(await fetchAutoresearchRefs(plain)).toEqual([]);
    expect(await readLedger(plain, tag)).toEqual(await readLedger(clone, tag));
    expect(await keptTip(plain, tag)).toBe(base);
    expect(await git(plain, ['branch', '--list'])).toBe('* main');
    expect(await git(plain, ['status', '--porcelain'])).toBe('');
  });

  it('takes a candidate that was made anew on another base, never a ledger that was set back', async () => {
    const { origin, clone, base, tag } = await newSession();
    const plain = join(await newFolder(), 'plain');
    await git(origin, ['clone', '--quiet', origin, plain]);
    await pushRefs({ clone, origin, tag, what: 'all', timeoutSeconds: 60 });
    const [candidate, ledger] = [candidateRef(tag, 1), ledgerRef(tag)];
    const commitOn = (parent: string) =>
      git(origin, ['commit-tree', `${base}^{tree}`, '-p', parent, '-m', `on ${parent}`]);
    const first = await commitOn(base);
    await git(origin, ['update-ref', candidate, first]);
    expect(await fetchAutoresearchRefs(plain)).toEqual([]);
    const moved = await commitOn(await commitOn(base));
    await git(origin, ['update-ref', candidate, moved]);
    expect(await fetchAutoresearchRefs(plain)).toEqual([]);
    expect(await git(plain, ['rev-parse', candidate])).toBe(moved);

    const known = await git(plain, ['rev-parse', ledger]);
    await git(origin, ['update-ref', ledger, base]);
    expect((await fetchAutoresearchRefs(plain)).join()).toContain('Could not fetch sessions from origin');
    expect(await git(plain, ['rev-parse', ledger])).toBe(known);
  });

  it('notes a remote that is out of reach, and is content without one', async () => {
    const repo = await newRepo();
    expect(await fetchAutoresearchRefs(repo)).toEqual([]);
    await git(repo, ['remote', 'add', 'origin', join(await newFolder(), 'nowhere.git')]);
    const [note] = await fetchAutoresearchRefs(repo);
    expect(note).toMatch(/Could not fetch sessions from origin/);
    await chmod(repo, 0o755);
  });
});
