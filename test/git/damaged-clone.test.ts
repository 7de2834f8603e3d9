import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sessionsAtHome } from '../../src/git/find-sessions.ts';
import { git } from '../../src/git/git.ts';
import { commitOf, openHomeClone } from '../../src/git/home-clone.ts';
import { diff } from '../../src/git/inspect.ts';
import { ledgersHere } from '../../src/ledgers.ts';
import { newNight } from './night.ts';
import { allRefs, commitFiles, newRepo, newSession } from './sandbox.ts';

/** A home clone in a person's project, with its HEAD cut short as a crash of the machine can leave it. */
async function damagedClone() {
  const project = await newRepo();
  const origin = await newRepo();
  await git(origin, ['tag', 'v1']);
  const clone = await openHomeClone({ repos: join(project, 'state', 'repos'), origin });
  await writeFile(join(clone, 'HEAD'), '');
  return { project, origin, clone, repos: dirname(clone) };
}

describe("a damaged home clone inside a person's repo", () => {
  it('is named with what to do, and nothing is written into their repo', async () => {
    const { project, origin, clone, repos } = await damagedClone();
    const before = await allRefs(project);
    await commitFiles(origin, { 'train.py': 'A = 2\n' });
    const error = await openHomeClone({ repos, origin }).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/^DamagedClone: Expected .* Restore it and resume; or move it away/);
    expect(String(error)).toContain(clone);
    expect(await allRefs(project)).toBe(before);
    // Moved away, as it says: the session's origin has the rest.
    await rename(clone, `${clone}.old`);
    expect(await openHomeClone({ repos, origin })).toBe(clone);
  });

  it('lets no git of ours, nor that of the library, read or write the repo around it', async () => {
    const { project, clone } = await damagedClone();
    const tip = await git(project, ['rev-parse', 'HEAD']);
    const update = git(clone, ['update-ref', 'refs/pushed/x', tip]);
    await expect(update).rejects.toThrow('not a git repository');
    await expect(commitOf(clone, 'HEAD')).rejects.toThrow('not a git repository');
    await expect(diff(clone, tip, tip)).rejects.toThrow(/not a git repository|Could not access/);
    expect(await allRefs(project)).not.toContain('refs/pushed');
  });

  it('is not taken for whole where its folder holds another repo', async () => {
    const { origin, clone, repos } = await damagedClone();
    await rm(clone, { recursive: true });
    await mkdir(clone);
    await git(clone, ['init', '--quiet']);
    await expect(openHomeClone({ repos, origin })).rejects.toThrow('its repo is .git');
  });
});

it('the sessions of a damaged clone are known by their files, and keep nobody from the others', async () => {
  const [{ clone, repos }, other] = [await newNight(), await newSession()];
  await rename(other.clone, join(repos, 'other-1.git'));
  await git(clone, ['pack-refs', '--all']);
  await writeFile(join(clone, 'HEAD'), '');
  const { found, damaged } = await ledgersHere({ repos });
  expect(found.map(({ directory }) => directory)).toEqual([join(repos, 'other-1.git')]);
  expect(damaged.map(({ tag, error }) => [tag, error.name])).toEqual([['night', 'DamagedClone']]);
  const { sessions, notes } = await sessionsAtHome(repos);
  expect(sessions.map(({ directory }) => directory).toSorted()).toEqual([join(repos, 'other-1.git'), clone].toSorted());
  expect(notes.join()).toContain(clone);
});
