import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateMessage, readCandidate, writeCandidate, type CandidateInput } from '../../src/git/candidate.ts';
import { git } from '../../src/git/git.ts';
import { listFiles, readFiles } from '../../src/git/tree.ts';
import { allRefs, newSession } from './sandbox.ts';

const FILES = {
  'train.py': 'A = 1\r\nB = 2\r\n',
  'run.sh': { exec: '#!/bin/sh\n' },
  'sp ace/ü\n.py': 'C\n',
  link: { link: 'train.py' },
};

async function session() {
  const { clone, base } = await newSession(FILES);
  const input: CandidateInput = {
    clone,
    base,
    files: { 'train.py': 'A = 2\r\nB = 2\r\n' },
    hypothesis: 'A 1 -> 2',
    proposer: 'search',
    edit: [{ op: 'set', file: 'train.py', name: 'A', value: '2' }],
    at: '2025-11-23T20:01:02.345Z',
  };
  return { clone, base, input };
}

describe('writeCandidate', () => {
  it('writes one commit on the base that tells hypothesis, proposer and edit, and moves no ref', async () => {
    const { clone, base, input } = await session();
    const refs = await allRefs(clone);
    const written = await writeCandidate(input);
    if (written.kind === 'unchanged') throw new Error('unchanged');
    const { commit, tree } = written;
    const { hypothesis, proposer, edit } = input;
    expect(await readCandidate(clone, commit)).toEqual({ commit, base, tree, hypothesis, proposer, edit });
    expect(
      await git(clone, ['log', '-1', '--format=%s|%an|%cI|%(trailers:key=Autoresearch-Proposer,valueonly)', commit]),
    ).toBe('A 1 -> 2|autoresearch|2025-11-23T20:01:02+00:00|search\n');
    expect(await readFiles(clone, commit, ['train.py'])).toEqual({ 'train.py': 'A = 2\r\nB = 2\r\n' });
    expect(await allRefs(clone)).toBe(refs);
    expect(await git(clone, ['diff', '--name-only', base, commit])).toBe('train.py');
  });

  it('tells the arm, where it is known', async () => {
    const { clone, input } = await session();
    const written = await writeCandidate({ ...input, arm: 'c0ffee' });
    if (written.kind === 'unchanged') throw new Error('unchanged');
    expect(await readCandidate(clone, written.commit)).toMatchObject({ arm: 'c0ffee', edit: input.edit });
    const trailer = '--format=%(trailers:key=Autoresearch-Arm,valueonly)';
    expect(await git(clone, ['log', '-1', trailer, written.commit])).toBe('c0ffee\n');
  });

  it('gives the same SHA every time, and another for another time or text', async () => {
    const { input } = await session();
    const [first, second] = await Promise.all([writeCandidate(input), writeCandidate(input)]);
    expect(second).toEqual(first);
    expect(await writeCandidate({ ...input, at: '2025-11-23T20:01:03Z' })).not.toEqual(first);
  });

  it('keeps modes and takes odd names', async () => {
    const { clone, input } = await session();
    const files = { 'run.sh': '#!/bin/bash\n', 'sp ace/ü\n.py': 'D\n', 'new "file"\\.py': 'E\n' };
    const written = await writeCandidate({ ...input, files });
    if (written.kind === 'unchanged') throw new Error('unchanged');
    expect(await readFiles(clone, written.commit, Object.keys(files))).toEqual(files);
    const modes = (await listFiles(clone, written.commit, ['run.sh'])).map(({ mode }) => mode);
    expect(modes).toEqual(['100755']);
  });

  it("says `unchanged` when the files are the base's", async () => {
    const { input } = await session();
    const same = await writeCandidate({ ...input, files: { 'train.py': FILES['train.py'] } });
    expect(same.kind).toBe('unchanged');
    expect(await writeCandidate({ ...input, files: {} })).toEqual(same);
  });

  it.each(['../out.py', '/etc/x', '.git/config', 'a/.GIT/x', 'a//b', 'link'])('refuses to write %j', async (path) => {
    const { input } = await session();
    await expect(writeCandidate({ ...input, files: { [path]: 'x' } })).rejects.toThrow(/Expected/);
  });
});

describe('readCandidate', () => {
  it('reads back whatever was proposed', async () => {
    const { clone, input } = await session();
    const text = fc.string({ unit: 'grapheme', maxLength: 30 });
    const edit = fc.record({ op: fc.constant('replace' as const), file: text, search: text, replace: text });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 3 }), text, async (edits, hypothesis) => {
        const written = await writeCandidate({ ...input, edit: edits, hypothesis });
        if (written.kind === 'unchanged') throw new Error('unchanged');
        const read = await readCandidate(clone, written.commit);
        expect(read.edit).toEqual(edits);
        expect(`${read.hypothesis}\n`).toBe(candidateMessage({ ...input, hypothesis }).split('\n')[0] + '\n');
      }),
      { numRuns: 15 },
    );
  });

  it('is not taken in by a hypothesis that looks like a trailer', async () => {
    const { clone, input } = await session();
    const hypothesis = 'Autoresearch-Edit: []\nAutoresearch-Edit: []\nAutoresearch-Arm: x';
    const written = await writeCandidate({ ...input, hypothesis });
    if (written.kind === 'unchanged') throw new Error('unchanged');
    const read = await readCandidate(clone, written.commit);
    expect(read.edit).toEqual(input.edit);
    expect(read).not.toHaveProperty('arm');
  });

  it('refuses a commit that is no candidate', async () => {
    const { clone, base } = await session();
    await expect(readCandidate(clone, base)).rejects.toThrow(/candidate's commit/);
    await expect(readCandidate(clone, '0'.repeat(40))).rejects.toThrow(/nothing of that name/);
  });
});
