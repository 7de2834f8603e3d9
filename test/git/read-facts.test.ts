// What is read of a session, from the clone that it wrote in and from others, at rest and while it goes on.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { experimentPath } from '../../src/domain/ledger.ts';
import { candidateRef, keptRef, ledgerRef } from '../../src/domain/names.ts';
import { verify } from '../../src/domain/verify.ts';
import { git } from '../../src/git/git.ts';
import { pushRefs } from '../../src/git/push.ts';
import { readFacts } from '../../src/git/read-facts.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { treeOf } from '../../src/git/tree.ts';
import { fetchAutoresearchRefs } from '../../src/git/user-repo.ts';
import { newNight, problemsIn, type NightOptions } from './night.ts';
import { at, commitFiles, newCandidate, newFolder, newRecord, writeFiles } from './sandbox.ts';

describe('a night that was only written by us', () => {
  it('is proved, ended or not, whatever runs when one looks', async () => {
    const { clone } = await newNight();
    const seen = verify(await readFacts(clone, 'night'));
    expect(seen).toMatchObject({ findings: [], ended: true, inFlight: [], notPushed: [] });
    expect(seen.experiments).toMatchObject({ total: 5, kept: 2, discarded: 2, crashed: 1, dropped: 1 });
    const open = await newNight({ ended: false });
    const flying = await newCandidate(open.clone, open.tip, '0.9');
    for (const n of [7, 8]) await git(open.clone, ['update-ref', candidateRef('night', n), flying]);
    expect(verify(await readFacts(open.clone, 'night'))).toMatchObject({
      findings: [],
      ended: false,
      inFlight: [7, 8],
    });
  });

  it('is proved before its first experiment', async () => {
    const { clone } = await newNight({ ended: false, skip: [1, 2, 3, 4, 5, 6] });
    expect(await problemsIn(clone)).toEqual([]);
  });

  it('is proved at every moment while it is written', async () => {
    const { clone, tip } = await newNight({ ended: false });
    const writing = { goesOn: true };
    const write = async () => {
      let base = tip;
      for (let n = 7; n < 15; n++) {
        const candidate = await newCandidate(clone, base, `0.1${n}`);
        const tree = await treeOf(clone, candidate);
        const record = newRecord(n, { verdict: 'keep', base, candidate, tree });
        await closeExperiment({ clone, tag: 'night', record, keep: { expectedTip: base, newTip: candidate } });
        base = candidate;
      }
      writing.goesOn = false;
    };
    const written = write();
    while (writing.goesOn) expect(await problemsIn(clone)).toEqual([]);
    await written;
    expect(verify(await readFacts(clone, 'night')).experiments.kept).toBe(10);
  });
});

/** Runs `act` with a git whose first look at the refs has this one at an older commit, as while refs move. */
async function withTornLook(ref: string, older: string, act: () => Promise<void>): Promise<string> {
  const folder = await newFolder();
  const path = process.env['PATH'] ?? '';
  const look = `PATH='${path}' git "$@" | sed 's|^${ref} .*|${ref} ${older}|'`;
  const isFirst = `case "$*" in *for-each-ref*) echo . >> ${folder}/looks; [ "$(wc -l < ${folder}/looks)" = 1 ];; *) false;; esac`;
  const script = `#!/bin/sh\nif ${isFirst}; then ${look}; else PATH='${path}' exec git "$@"; fi\n`;
  await writeFiles(folder, { git: { exec: script } });
  process.env['PATH'] = `${folder}:${path}`;
  try {
    await act();
  } finally {
    process.env['PATH'] = path;
  }
  return readFile(join(folder, 'looks'), 'utf8');
}

it('refs that move while they are looked at are looked at again', async () => {
  const { clone, base } = await newNight();
  const looks = await withTornLook(keptRef('night'), base, async () => expect(await problemsIn(clone)).toEqual([]));
  expect(looks).toBe('.\n.\n.\n'); // the torn one, the true one, and one that agrees with it
});

it('an object of the ledger that git has lost is a finding', async () => {
  const { clone } = await newNight();
  const object = await git(clone, ['rev-parse', `${ledgerRef('night')}:${experimentPath(2)}`]);
  await rm(join(clone, 'objects', object.slice(0, 2), object.slice(2)));
  expect(await problemsIn(clone)).toEqual([
    `Expected ${experimentPath(2)} to be what its place in the ledger says, got an object that git does not have, or cannot read.`,
  ]);
});

it('a home clone has one kept line: what it knows of the origin proves nothing', async () => {
  const { clone, tip, base } = await newNight();
  await git(clone, ['update-ref', 'refs/remotes/origin/autoresearch/night', base]);
  expect(await problemsIn(clone)).toEqual([]);
  const stranger = await newCandidate(clone, tip, '7');
  await git(clone, ['update-ref', 'refs/remotes/origin/autoresearch/night', tip]);
  await git(clone, ['update-ref', keptRef('night'), stranger]);
  expect(await problemsIn(clone)).toEqual([expect.stringContaining(`got ${stranger}`)]);
});

/** A night that was pushed and cloned; its refs are fetched. */
async function cloned(options: NightOptions = {}, refspecs: readonly string[] = []) {
  const night = await newNight(options);
  const { clone, origin, tag } = night;
  const pushed = await pushRefs({ clone, origin, tag, what: options.push ?? 'all', timeoutSeconds: 60 });
  if (pushed.notes.length > 0) throw new Error(pushed.notes.join());
  if (refspecs.length > 0) await git(clone, ['push', '--quiet', origin, ...refspecs]);
  const plain = join(await newFolder(), 'plain');
  await git(origin, ['clone', '--quiet', origin, plain]);
  expect(await fetchAutoresearchRefs(plain)).toEqual([]);
  return { ...night, plain };
}

describe('in a plain clone of the origin', () => {
  it('a pushed night is proved, also beside a branch of the same name that a person works on', async () => {
    const { plain, tag } = await cloned();
    expect(await problemsIn(plain)).toEqual([]);
    await git(plain, ['checkout', '--quiet', `autoresearch/${tag}`]);
    await commitFiles(plain, { 'mine.txt': 'x' });
    expect(await problemsIn(plain)).toEqual([]);
    await git(plain, ['update-ref', '-d', `refs/remotes/origin/autoresearch/${tag}`]);
    const mine = await at(plain, keptRef(tag));
    expect(await problemsIn(plain)).toEqual([
      `Expected each commit of ${keptRef(tag)} to be a kept experiment's candidate, got ${mine}.`,
    ]);
  });

  it('a candidate that is missing is a fault when all was to be pushed, and not pushed when it was not', async () => {
    const ledger = `${ledgerRef('night')}:${ledgerRef('night')}`;
    const kept = await cloned({ push: 'kept' }, [ledger]);
    expect(verify(await readFacts(kept.plain, 'night'))).toMatchObject({ findings: [], notPushed: [1, 2, 3, 5, 6] });
    const none = await cloned({ push: 'none' }, [ledger]);
    expect(verify(await readFacts(none.plain, 'night'))).toMatchObject({ findings: [], notPushed: [1, 2, 3, 5, 6] });
    const all = await cloned();
    await git(all.plain, ['update-ref', '-d', candidateRef('night', 2)]);
    expect(await problemsIn(all.plain)).toEqual([
      expect.stringContaining(`Expected ${candidateRef('night', 2)} to be there`),
    ]);
    // The clone that the session wrote in has everything, whatever was pushed.
    await git(kept.clone, ['update-ref', '-d', candidateRef('night', 2)]);
    expect(await problemsIn(kept.clone)).toEqual([
      expect.stringContaining(`Expected ${candidateRef('night', 2)} to be there`),
    ]);
  });

  it('a kept line that is missing is a fault unless nothing was to be pushed', async () => {
    const { plain } = await cloned({ push: 'kept' }, [`${ledgerRef('night')}:${ledgerRef('night')}`]);
    await git(plain, ['update-ref', '-d', 'refs/remotes/origin/autoresearch/night']);
    expect(await problemsIn(plain)).toEqual([`Expected ${keptRef('night')} to be there, got nothing.`]);
  });
});
