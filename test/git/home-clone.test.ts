import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { candidateRef } from '../../src/domain/names.ts';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import { git } from '../../src/git/git.ts';
import { homeClonePath, openHomeClone, resolveRef } from '../../src/git/home-clone.ts';
import { appendEvent } from '../../src/git/event.ts';
import { pushRefs } from '../../src/git/push.ts';
import { listSessions } from '../../src/git/ledger.ts';
import { allRefs, at, commitFiles, newCandidate, newFolder, newRepo, newSession, openEvent } from './sandbox.ts';

describe('openHomeClone', () => {
  it("makes a bare clone with the origin's branches and tags, and leaves the origin as it was", async () => {
    const origin = await newRepo();
    await git(origin, ['tag', 'v1']);
    await git(origin, ['branch', 'feature/x']);
    const before = await allRefs(origin);
    const clone = await openHomeClone({ repos: join(await newFolder(), 'repos'), origin });
    expect(await git(clone, ['rev-parse', '--is-bare-repository'])).toBe('true');
    const tip = await git(origin, ['rev-parse', 'HEAD']);
    for (const ref of ['origin/HEAD', 'origin/main', 'origin/feature/x'])
      expect(await at(clone, `refs/remotes/${ref}`)).toBe(tip);
    expect(await at(clone, 'refs/tags/v1')).toBe(tip);
    expect(await git(clone, ['config', 'gc.auto'])).toBe('0');
    expect(await allRefs(origin)).toBe(before);
  });

  it('does a half-made clone again, and follows the origin when it is there already', async () => {
    const origin = await newRepo();
    const repos = join(await newFolder(), 'repos');
    const path = homeClonePath({ repos, origin });
    await mkdir(`${path}.making/refs`, { recursive: true });
    await writeFile(`${path}.making/HEAD`, '');
    const clone = await openHomeClone({ repos, origin });
    expect(clone).toBe(path);
    const next = await commitFiles(origin, { 'train.py': 'A = 2\n' });
    await git(origin, ['branch', '-m', 'main', 'trunk']);
    expect(await openHomeClone({ repos, origin })).toBe(path);
    expect(await at(clone, 'refs/remotes/origin/trunk')).toBe(next);
    expect(await at(clone, 'refs/remotes/origin/main')).toBeUndefined();
  });

  it('can be called by many at once', async () => {
    const origin = await newRepo();
    const repos = join(await newFolder(), 'repos');
    const paths = await Promise.all([1, 2, 3].map(() => openHomeClone({ repos, origin })));
    expect(new Set(paths).size).toBe(1);
  });

  it('clones a shallow origin and pushes to it', async () => {
    const full = await newRepo();
    await commitFiles(full, { 'a.txt': '2' });
    const folder = join(await newFolder(), 'shallow');
    await git(full, ['clone', '--quiet', '--depth', '1', `file://${full}`, folder]);
    const clone = await openHomeClone({ repos: join(await newFolder(), 'repos'), origin: folder });
    const base = await resolveRef(clone);
    expect(base).toBe(await git(folder, ['rev-parse', 'HEAD']));
    await appendEvent({ clone, tag: 'ci', index: 0, event: openEvent(base, 'ci') });
    const { pushed } = await pushRefs({ clone, origin: folder, tag: 'ci', what: 'all', timeoutSeconds: 60 });
    expect(pushed.length).toBe(2);
    expect(await openHomeClone({ repos: join(clone, '..'), origin: folder })).toBe(clone);
  });

  it('keeps our own refs when the origin has others of the same name', async () => {
    const { origin, clone, base, tag } = await newSession();
    const other = await commitFiles(origin, { 'train.py': 'B = 1\n' });
    await git(origin, ['update-ref', `refs/heads/autoresearch/${tag}`, other]);
    await git(origin, ['update-ref', `refs/autoresearch/${tag}/ledger`, other]);
    await git(origin, ['update-ref', `refs/autoresearch/${tag}/7`, other]);
    const ledger = await at(clone, `refs/autoresearch/${tag}/ledger`);
    await openHomeClone({ repos: join(clone, '..'), origin });
    expect(await at(clone, `refs/heads/autoresearch/${tag}`)).toBe(base);
    expect(await at(clone, `refs/autoresearch/${tag}/ledger`)).toBe(ledger);
    expect(await at(clone, `refs/autoresearch/${tag}/7`)).toBeUndefined();
  });

  it('brings along the sessions of the origin when the state directory was lost', async () => {
    const { origin, clone, base, tag } = await newSession();
    await pushRefs({ clone, origin, tag, what: 'all', timeoutSeconds: 60 });
    await rename(clone, `${clone}.lost`);
    await openHomeClone({ repos: join(clone, '..'), origin });
    expect((await listSessions(clone)).map((session) => session.tag)).toEqual([tag]);
    expect(await at(clone, `refs/heads/autoresearch/${tag}`)).toBe(base);
  });
});

it("brings along the newest candidate of another home's session, also when it was made anew", async () => {
  const { origin, clone, base, tag } = await newSession();
  const ref = candidateRef(tag, 1);
  const repos = join(await newFolder(), 'repos');
  const input = { clone, origin, tag, what: 'all', timeoutSeconds: 60 } as const;
  await pushRefs(input);
  const other = await openHomeClone({ repos, origin, candidate: ref });
  expect(await at(other, ref)).toBeUndefined();
  for (const value of ['0.2', '0.3']) {
    const candidate = await newCandidate(clone, base, value);
    await git(clone, ['update-ref', ref, candidate]);
    await pushRefs(input);
    await openHomeClone({ repos, origin });
    expect(await at(other, ref)).not.toBe(candidate);
    await openHomeClone({ repos, origin, candidate: ref });
    expect(await at(other, ref)).toBe(candidate);
  }
});

describe('resolveRef', () => {
  it("finds the origin's HEAD, branches, tags, commits and what is behind them", async () => {
    const origin = await newRepo();
    const first = await git(origin, ['rev-parse', 'HEAD']);
    const second = await commitFiles(origin, { 'train.py': 'A = 2\n' });
    await git(origin, ['tag', '-a', '-m', 'tag', 'v1', first]);
    await git(origin, ['checkout', '--quiet', '--detach', first]);
    const clone = await openHomeClone({ repos: join(await newFolder(), 'repos'), origin });
    expect(await resolveRef(clone)).toBe(first);
    for (const ref of ['main', 'refs/heads/main', second, second.slice(0, 10)])
      expect(await resolveRef(clone, ref)).toBe(second);
    for (const ref of ['v1', 'main~1', 'refs/tags/v1']) expect(await resolveRef(clone, ref)).toBe(first);
  });

  it('refuses what is no ref, options among it', async () => {
    const { clone } = await newSession();
    for (const ref of ['nowhere', '--all', '', 'main:train.py']) {
      await expect(resolveRef(clone, ref)).rejects.toThrow(InvalidInput);
    }
  });
});
