// A session that set its line back, as the real functions write it, and what `verify` says where that is not what it did.
import { beforeAll, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { keptRef } from '../../src/domain/names.ts';
import { appendEvent } from '../../src/git/event.ts';
import { git } from '../../src/git/git.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { restoreCommit } from '../../src/git/restore.ts';
import { treeOf } from '../../src/git/tree.ts';
import { newNight, problemsIn } from '../git/night.ts';
import { newCandidate, newRecord } from '../git/sandbox.ts';

const AT = '2025-11-24T05:00:00Z';
const night = await newNight({ ended: false });
const { clone, base, tip, candidates } = night;
const first = candidates[1] ?? '';
const restore = (target: string) => restoreCommit({ clone, tip, target, message: 'Back to experiment 1\n', at: AT });
const move = (to: string, restored = first): LedgerEvent => ({
  version: 1,
  kind: 'moved',
  at: AT,
  from: tip,
  to,
  after: 6,
  trials: [],
  restores: { commit: restored, experiment: 1 },
});

let to = '';
beforeAll(async () => {
  to = await restore(first);
  await appendEvent({ clone, tag: 'night', index: 2, event: move(to) });
});

it('is a commit on the line with what was kept then, the same when it is made twice', async () => {
  expect(await restore(first)).toBe(to);
  expect(await git(clone, ['rev-parse', keptRef('night')])).toBe(to);
  expect(await git(clone, ['rev-parse', `${to}^`])).toBe(tip);
  expect(await treeOf(clone, to)).toBe(await treeOf(clone, first));
  expect(await problemsIn(clone)).toEqual([]);
});

it('is what later keeps stand on', async () => {
  const candidate = await newCandidate(clone, to, '0.5');
  const record = newRecord(7, { verdict: 'keep', base: to, candidate, tree: await treeOf(clone, candidate) });
  const closed = await closeExperiment({ clone, tag: 'night', record, keep: { expectedTip: to, newTip: candidate } });
  expect(closed.kind).toBe('closed');
  expect(await problemsIn(clone)).toEqual([]);
});

it('is named where it does not restore what it says, or does not stand on the line', async () => {
  const other = await newNight({ ended: false });
  const stray = await newCandidate(other.clone, base, '0.7');
  await appendEvent({ clone: other.clone, tag: 'night', index: 2, event: move(stray) });
  expect(await problemsIn(other.clone)).toEqual([
    expect.stringContaining(`Expected ${stray}, where the session set its line back, to have the tree`),
    expect.stringContaining(`to be made from ${tip}, where the line was, got ${base}`),
  ]);
});
