// A night that the real functions wrote, and then its refs made wrong in each way that `verify` claims to see.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serialize } from '../../src/domain/ledger.ts';
import { candidateRef, keptRef, ledgerRef } from '../../src/domain/names.ts';
import { appendEvent } from '../../src/git/event.ts';
import { git } from '../../src/git/git.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { newNight, OPENING, problemsIn, tamper, type NightOptions } from '../git/night.ts';
import { newCandidate, newRecord, openEvent } from '../git/sandbox.ts';

const ZEROS = '0'.repeat(40);

it.each<[string, NightOptions, string]>([
  [
    'tree is not that of its candidate',
    { lie: { 2: { tree: ZEROS } } },
    `the candidate of experiment 2 to have the tree ${ZEROS}, as its record says`,
  ],
  [
    'base is not that of its candidate',
    { lie: { 5: { base: ZEROS } } },
    `the candidate of experiment 5 to be made from ${ZEROS}, as its record says`,
  ],
  [
    'tree belongs to no candidate',
    { lie: { 4: { tree: ZEROS } } },
    `experiment 4 to name a candidate for its tree ${ZEROS}`,
  ],
])('names a record whose %s', async (_what, options, expected) => {
  const { clone } = await newNight(options);
  expect(await problemsIn(clone)).toEqual([expect.stringContaining(`Expected ${expected}, got `)]);
});

describe('what was done to the refs is named', () => {
  it('a candidate without its ref, at another commit, or that is no commit', async () => {
    const { clone, candidates, tip } = await newNight();
    await git(clone, ['update-ref', '-d', candidateRef('night', 2)]);
    await git(clone, ['update-ref', candidateRef('night', 3), tip]);
    expect(await problemsIn(clone)).toEqual([
      `Expected ${candidateRef('night', 2)} to be there, because experiment 2 names a candidate, got nothing.`,
      `Expected ${candidateRef('night', 3)} to be ${candidates[3]}, as the record of experiment 3 says, got ${tip}.`,
    ]);
    const object = candidates[6] ?? '';
    await rm(join(clone, 'objects', object.slice(0, 2), object.slice(2)));
    expect(await problemsIn(clone)).toContain(
      `Expected the candidate of experiment 6, ${object}, to be a commit, got none of that name.`,
    );
  });

  it('a commit on the kept line that no experiment explains', async () => {
    const { clone, tip } = await newNight();
    const stranger = await newCandidate(clone, tip, '7');
    await git(clone, ['update-ref', keptRef('night'), stranger]);
    expect(await problemsIn(clone)).toEqual([
      `Expected each commit of ${keptRef('night')} to be a kept experiment's candidate, got ${stranger}.`,
    ]);
  });

  it('a kept line that was moved back, before its base, or is gone', async () => {
    const { clone, candidates, base } = await newNight();
    const lacks = (n: number) =>
      `Expected ${keptRef('night')} to have ${candidates[n]}, because experiment ${n} was kept, but it has not.`;
    await git(clone, ['update-ref', keptRef('night'), candidates[1] ?? '']);
    expect(await problemsIn(clone)).toEqual([lacks(5)]);
    const orphan = await git(clone, ['commit-tree', '-m', 'mine', `${base}^{tree}`]);
    await git(clone, ['update-ref', keptRef('night'), orphan]);
    expect(await problemsIn(clone)).toEqual([
      lacks(1),
      lacks(5),
      `Expected each commit of ${keptRef('night')} to be a kept experiment's candidate, got ${orphan}.`,
      `Expected ${keptRef('night')} to begin at ${base}, got nothing.`,
    ]);
    await git(clone, ['update-ref', '-d', keptRef('night')]);
    expect(await problemsIn(clone)).toEqual([`Expected ${keptRef('night')} to be there, got nothing.`]);
  });

  it('a kept line that lies behind its base', async () => {
    const night = await newNight({ skip: [1, 2, 3, 4, 5, 6] });
    const behind = await git(night.clone, ['commit-tree', '-m', 'older', `${night.base}^{tree}`]);
    const base = await git(night.clone, ['commit-tree', '-p', behind, '-m', 'base', `${night.base}^{tree}`]);
    await appendEvent({ clone: night.clone, tag: 'late', index: 0, event: openEvent(base, 'late') });
    expect(await problemsIn(night.clone, 'late')).toEqual([]);
    await git(night.clone, ['update-ref', keptRef('late'), behind]);
    expect(await problemsIn(night.clone, 'late')).toEqual([
      `Expected ${keptRef('late')} to begin at ${base}, got ${behind}.`,
    ]);
  });

  it('a kept experiment that is not on the line, that another stands for, or without a candidate', async () => {
    const { clone, candidates, tip } = await newNight({ ended: false });
    const again = { ...newRecord(7, { verdict: 'keep', candidate: tip, base: candidates[1] ?? '' }) };
    const tree = await git(clone, ['rev-parse', `${tip}^{tree}`]);
    await closeExperiment({ clone, tag: 'night', record: { ...again, tree }, keep: { expectedTip: tip, newTip: tip } });
    expect(await problemsIn(clone)).toEqual([`Expected one kept experiment for ${tip}, got experiments 5 and 7.`]);
    const empty = newRecord(8, { verdict: 'keep' });
    await closeExperiment({ clone, tag: 'night', record: empty, keep: { expectedTip: tip, newTip: tip } });
    expect(await problemsIn(clone)).toContain('Expected experiment 8, which was kept, to name a candidate, got none.');
  });

  it('a base that is no commit here', async () => {
    const { clone } = await newNight();
    await tamper(clone, 'lost', { [OPENING]: serialize(openEvent(ZEROS, 'lost')) }, []);
    await git(clone, ['update-ref', keptRef('lost'), ledgerRef('lost')]);
    expect(await problemsIn(clone, 'lost')).toEqual([
      `Expected ${ZEROS}, where the kept line begins, to be a commit here, got none of that name.`,
    ]);
  });
});
