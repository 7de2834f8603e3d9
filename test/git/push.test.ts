import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { candidateRef, keptRef, ledgerRef } from '../../src/domain/names.ts';
import { forgetInClone } from '../../src/git/forget.ts';
import { git } from '../../src/git/git.ts';
import { pushRefs } from '../../src/git/push.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { at, commitFiles, newCandidate, newFolder, newRecord, newSession, writeFiles } from './sandbox.ts';

/** A session with one kept experiment. */
async function kept() {
  const session = await newSession();
  const { clone, tag, base } = session;
  const candidate = await newCandidate(clone, base, '0.002');
  const record = newRecord(1, { verdict: 'keep', candidate });
  await closeExperiment({ clone, tag, record, keep: { expectedTip: base, newTip: candidate } });
  return {
    ...session,
    candidate,
    input: { clone, tag, origin: session.origin, what: 'all', timeoutSeconds: 60 } as const,
  };
}

async function everythingOfThePerson(repo: string): Promise<string> {
  const index = await readFile(join(repo, '.git', 'index'));
  const head = await readFile(join(repo, '.git', 'HEAD'), 'utf8');
  const train = await readFile(join(repo, 'train.py'), 'utf8');
  return [
    index.toString('hex'),
    head,
    train,
    await git(repo, ['status', '--porcelain']),
    await git(repo, ['reflog']),
  ].join('\n');
}

const moved = (expected: string, found: string): string =>
  `Somebody moved autoresearch/night at the origin: expected ${expected}, found ${found}.`;

describe('pushRefs', () => {
  it("sends kept line, candidates and ledger, and leaves the person's files, index and HEAD alone", async () => {
    const { clone, origin, tag, candidate, input } = await kept();
    await writeFiles(origin, { 'train.py': '# at work\n', 'untracked.txt': 'x' });
    const before = await everythingOfThePerson(origin);
    const refs = [keptRef(tag), candidateRef(tag, 1), ledgerRef(tag)];
    const { pushed, notes } = await pushRefs(input);
    expect(notes).toEqual([]);
    expect(pushed.toSorted()).toEqual(refs.toSorted());
    expect(await at(origin, keptRef(tag))).toBe(candidate);
    for (const ref of refs) expect(await at(origin, ref)).toBe(await at(clone, ref));
    expect(await everythingOfThePerson(origin)).toBe(before);
    expect(await pushRefs(input)).toEqual({ pushed: [], notes: [] });
  });

  it('sends the kept line alone, or nothing, when asked to', async () => {
    const { tag, origin, input } = await kept();
    expect(await pushRefs({ ...input, what: 'none' })).toEqual({ pushed: [], notes: [] });
    expect(await pushRefs({ ...input, what: 'kept' })).toEqual({ pushed: [keptRef(tag)], notes: [] });
    expect(await at(origin, ledgerRef(tag))).toBeUndefined();
  });

  it('has nothing to send of a session that was forgotten', async () => {
    const { clone, tag, input } = await kept();
    await forgetInClone(input);
    expect(await at(clone, keptRef(tag))).toBeUndefined();
    expect(await pushRefs(input)).toEqual({ pushed: [], notes: [] });
  });

  it.each(['main work tree', 'linked work tree'])(
    'never pushes a branch that is checked out in a %s',
    async (where) => {
      const { origin, tag, base, input } = await kept();
      await git(origin, ['config', 'receive.denyCurrentBranch', 'updateInstead']);
      await git(origin, ['update-ref', keptRef(tag), base]);
      const linked = join(await newFolder(), 'linked');
      if (where === 'main work tree') await git(origin, ['checkout', '--quiet', `autoresearch/${tag}`]);
      else await git(origin, ['worktree', 'add', '--quiet', linked, `autoresearch/${tag}`]);
      const folder = where === 'main work tree' ? origin : linked;
      const before = await everythingOfThePerson(origin);
      const text = await readFile(join(folder, 'train.py'), 'utf8');
      const { pushed, notes } = await pushRefs(input);
      expect(pushed).toEqual([candidateRef(tag, 1), ledgerRef(tag)]);
      expect(notes).toEqual([expect.stringContaining(`checked out in ${folder}`)]);
      expect(await at(origin, keptRef(tag))).toBe(base);
      expect(await everythingOfThePerson(origin)).toBe(before);
      expect(await readFile(join(folder, 'train.py'), 'utf8')).toBe(text);
      await git(folder, ['checkout', '--quiet', '--detach']);
      expect((await pushRefs(input)).pushed).toEqual([keptRef(tag)]);
    },
  );

  it('notes a kept line that went elsewhere at the origin, never forces it, and sends the rest', async () => {
    const { origin, tag, base, clone, candidate, input } = await kept();
    const theirs = await newCandidate(clone, base, '7');
    await git(clone, ['push', '--quiet', origin, `${theirs}:${keptRef(tag)}`]);
    const { pushed, notes } = await pushRefs(input);
    expect(notes).toEqual([moved(candidate, theirs)]);
    expect(pushed).toEqual([candidateRef(tag, 1), ledgerRef(tag)]);
    expect(await at(origin, keptRef(tag))).toBe(theirs);
  });

  it('leaves a kept line alone that a person set back to an older commit of ours', async () => {
    const { origin, tag, base, clone, candidate, input } = await kept();
    await pushRefs(input);
    await git(origin, ['update-ref', keptRef(tag), base]);
    const next = await newCandidate(clone, candidate, '0.003');
    await git(clone, ['update-ref', keptRef(tag), next]);
    expect(await pushRefs(input)).toEqual({ pushed: [], notes: [moved(next, base)] });
    expect(await at(origin, keptRef(tag))).toBe(base);
    await git(origin, ['update-ref', keptRef(tag), candidate]);
    expect(await pushRefs(input)).toEqual({ pushed: [keptRef(tag)], notes: [] });
  });

  it('knows a push of its own again whose end it did not see, and pushes anew what a person deleted', async () => {
    const { origin, tag, clone, candidate, input } = await kept();
    await pushRefs(input);
    const [next, last] = [await newCandidate(clone, candidate, '0.003'), await newCandidate(clone, candidate, '0.004')];
    await git(clone, ['push', '--quiet', origin, `${next}:${keptRef(tag)}`]); // and died before it noted that
    const after = await newCandidate(clone, next, '0.005');
    await git(clone, ['update-ref', keptRef(tag), after]);
    expect(await pushRefs(input)).toEqual({ pushed: [keptRef(tag)], notes: [] });
    await git(origin, ['update-ref', '-d', keptRef(tag)]);
    expect(await pushRefs(input)).toEqual({ pushed: [keptRef(tag)], notes: [] });
    await git(clone, ['push', '--quiet', '--force', origin, `${last}:${keptRef(tag)}`]);
    expect((await pushRefs(input)).notes).toEqual([moved(after, last)]);
  });

  it('sees what a person put on a kept line that is checked out', async () => {
    const { origin, tag, candidate, input } = await kept();
    await pushRefs(input);
    await git(origin, ['checkout', '--quiet', `autoresearch/${tag}`]);
    expect((await pushRefs(input)).notes).toHaveLength(1);
    const theirs = await commitFiles(origin, { 'README.md': 'mine' });
    expect((await pushRefs(input)).notes).toEqual([expect.stringContaining('checked out'), moved(candidate, theirs)]);
  });

  it("replaces a candidate that was made anew on another base, unless the origin's ledger is not ours", async () => {
    const { origin, tag, clone, base, candidate, input } = await kept();
    const ref = candidateRef(tag, 2);
    const before = await newCandidate(clone, base, '0.5');
    await git(clone, ['update-ref', ref, before]);
    expect((await pushRefs(input)).pushed).toContain(ref);
    const anew = await newCandidate(clone, candidate, '0.5');
    await git(clone, ['update-ref', ref, anew]);
    expect(await pushRefs(input)).toEqual({ pushed: [ref], notes: [] });
    expect(await at(origin, ref)).toBe(anew);
    await git(clone, ['update-ref', ref, before]);
    await git(origin, ['update-ref', ledgerRef(tag), base]);
    const { pushed, notes } = await pushRefs(input);
    expect(pushed).toEqual([]);
    expect(notes.join()).toMatch(/refused refs\/autoresearch\/night\/2: \[rejected\] \(non-fast-forward\)/);
    expect(await at(origin, ref)).toBe(anew);
  });

  it('notes an origin that is out of reach, refuses, or does not answer in time', async () => {
    const { input, origin } = await kept();
    const nowhere = join(await newFolder(), 'nowhere');
    expect((await pushRefs({ ...input, origin: nowhere })).notes.join()).toMatch(/Did not push|Could not push/);
    const url = pathToFileURL(`${nowhere}.git`).href;
    expect((await pushRefs({ ...input, origin: url })).notes).toEqual([expect.stringContaining('Could not push')]);
    await writeFiles(origin, { '.git/hooks/pre-receive': { exec: '#!/bin/sh\necho not tonight\nexit 1\n' } });
    const refused = await pushRefs(input);
    expect(refused.pushed).toEqual([]);
    expect(refused.notes.join()).toMatch(/pre-receive hook declined\): not tonight/);
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const late = await pushRefs({ ...input, origin: `git://127.0.0.1:${port}/x`, timeoutSeconds: 1 });
    expect(late.notes).toEqual([expect.stringContaining('took longer than 1 s')]);
    silent.close();
  });
});
